// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import TestSupport
import Testing

@testable import Primitives

@Suite struct ProcessorsTests {
    @Test(arguments: [
        ("0-1\n", 2), ("0\n", 1), ("0-3,8-11\n", 8), ("0,2\n", 2), ("", 0), ("\n", 0), ("x\n", 0), ("3-1\n", 0),
        ("0-99999999\n", 0),
    ])
    func possibleProcessorsAreReadAsTheKernelWritesThem(text: String, count: Int) throws {
        let directory = try TemporaryDirectory()
        try write(text, to: directory.path("possible"))
        #expect(Processors.count(in: directory.path("possible")) == count)
        #expect(Processors.count(in: directory.path("absent")) == 0)
    }

    @Test func aNewThreadRunsAnywhereEvenIfItsMakerDoesNot() throws {
        let usable = Processors.usable
        try #require(!usable.isEmpty)
        let seen = Locked<(maker: [Int32], made: [Int32])>(([], []))
        // A thread of its own: the tests' threads are others' as well.
        let maker = try NamedThread("maker") {
            Processors.keepThread(to: [usable[usable.count - 1]])
            seen.withLock { $0.maker = ProcessorsTests.allowed() }
            let made = try? NamedThread("made") { seen.withLock { $0.made = ProcessorsTests.allowed() } }
            made?.join()
        }
        maker.join()
        #expect(seen.withLock { $0.maker } == [usable[usable.count - 1]])
        #expect(seen.withLock { $0.made } == usable)
    }

    @Test func aThreadIsFoundWhereItRuns() throws {
        let last = try #require(Processors.usable.last)
        let found = Locked<Int32?>(nil)
        let thread = try NamedThread("made (3) 4") {
            Processors.keepThread(to: [last])
            found.withLock { $0 = RunningThread.processor(of: UInt32(clinux_gettid())) }
        }
        thread.join()
        #expect(found.withLock { $0 } == last)
        #expect(RunningThread.processor(of: .max) == nil)
    }

    @Test(
        arguments: [
            ("1 (a) S" + String(repeating: " 0", count: 35) + " 12 0 0\n", 12),
            ("1 (a b) c) S" + String(repeating: " 0", count: 35) + " 3", 3),
            ("1 (a) S" + String(repeating: " 0", count: 35) + " 99999999999 0", nil),
            ("1 (a) S 0 0", nil), ("", nil), ("1 2 3", nil),
        ] as [(String, Int32?)])
    func theProcessorIsReadAsTheKernelWritesIt(line: String, processor: Int32?) {
        var bytes = Array(line.utf8)
        let found = bytes.withUnsafeMutableBytes { RunningThread.processor(in: KernelLine($0[...])) }
        #expect(found == processor)
    }

    /// The processors that the calling thread may run on.
    private static func allowed() -> [Int32] {
        Processors.usable.filter { processor in clinux_may_run_on(processor) != 0 }
    }
}
