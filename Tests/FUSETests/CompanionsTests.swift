// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives
import Testing

@testable import FUSE

@Suite struct CompanionsTests {
    private let device: Descriptor
    private let writer: Descriptor
    private let bell: Bell

    init() throws {
        var ends: [Int32] = [-1, -1]
        try #require(clinux_pipe2(&ends, O_NONBLOCK) == 0)
        device = Descriptor(owning: ends[0])
        writer = Descriptor(owning: ends[1])
        bell = try Bell()
    }

    private func fillDevice() {
        var one: UInt64 = 1
        #expect(write(writer.raw, &one, 8) == 8)
    }

    @Test func fewReadsWithoutAThreadAreACoincidence() {
        var crowd = Backlog(.waiting)
        let limit = Backlog.limit(.waiting)
        let calls = (0..<3 * limit).filter { _ in crowd.hasGrown() }
        #expect(calls == [limit - 1, 2 * limit - 1, 3 * limit - 1])
    }

    @Test(arguments: [(1, 6, 0, 5, 5), (4, 6, 3, 5, 5), (8, 6, 7, 5, 7), (1, 1, 0, 0, 0), (0, 0, 0, 0, 0)])
    func limitsLeaveOutTheServingThread(serving: Int, waiting: Int, forServing: Int, forWaiting: Int, most: Int) {
        let limits = CompanionLimits(serving: serving, waiting: waiting)
        #expect(limits[.serving] == forServing && limits[.waiting] == forWaiting && limits.most == most)
    }

    @Test func aSleepEndsWithTheTime() {
        let end = ExclusiveWait(at: device.raw, or: bell.descriptor)?.sleep(atMost: 1)
        #expect(end == .time)
    }

    @Test func whatIsThereAlreadyEndsASleepAtOnce() {
        fillDevice()
        let turn = ExclusiveWait(at: device.raw, or: bell.descriptor)
        for _ in 0..<2 {
            let end = turn?.sleep(atMost: nil)
            #expect(end == .device)
        }
    }

    /// One request wakes one thread; what is meant for all wakes the rest.
    @Test func aRequestWakesOneOfThem() throws {
        let (device, bell) = (device.raw, bell.descriptor)
        let ends = Locked<[ExclusiveWait.End?]>([])
        let threads = try (0..<4).map { _ in
            try NamedThread("sleeper") {
                let turn = ExclusiveWait(at: device, or: bell)
                var request: UInt64 = 0
                var end = turn?.sleep(atMost: nil)
                // Whoever slept too late for being woken has found it, and nobody else may have it then.
                while end == .device, read(device, &request, 8) != 8 { end = turn?.sleep(atMost: nil) }
                ends.withLock { $0.append(end) }
            }
        }
        fillDevice()
        while ends.withLock({ $0.isEmpty }) { sched_yield() }
        #expect(ends.withLock { $0 } == [.device])
        self.bell.ring()
        for thread in threads { thread.join() }
        #expect(ends.withLock { $0 } == [.device, .shared, .shared, .shared])
    }
}
