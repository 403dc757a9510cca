// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import ImageReader

@Suite struct LocalFileTests {
    /// A terabyte, of which a mebibyte at 1 GiB is written: nobody has to read the rest to know that it is zeroes.
    @Test func knowsWhereNothingWasWritten() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("sparse")
        try write(SourceTree.noise(1 << 20, seed: 1), to: directory.path("data"))
        try runToSuccess(["truncate", "-s", "1T", path])
        try runToSuccess(["dd", "if=\(directory.path("data"))", "of=\(path)", "bs=1M", "seek=1024", "conv=notrunc"])
        let file = try LocalFile(path: path, offset: 4096)
        #expect(file.unwrittenBytes(at: 0) == 1 << 30 - 4096)
        #expect(file.unwrittenBytes(at: 1 << 30 - 4096) == 0)
        #expect(file.unwrittenBytes(at: 1 << 30 + 1 << 20) == 1 << 40 - (1 << 30 + 1 << 20) - 4096)
        #expect(file.unwrittenBytes(at: file.size) == 0)
    }

    /// A mebibyte that was just written, and one that nobody ever had.
    @Test(.requires(.linux(6, 5))) func knowsWhatIsInThePageCache() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("half")
        try write(SourceTree.noise(1 << 20, seed: 2), to: path)
        try runToSuccess(["truncate", "-s", "2M", path])
        let file = try LocalFile(path: path, offset: 4096)
        #expect(file.cachedRun(0, 65_536)?.offset == 4096)
        #expect(file.cachedRun(65_536, 65_537)?.offset == 65_536 + 4096)
        #expect(file.cachedRun(0, (1 << 20) - 4096) != nil)
        #expect(file.cachedRun(100, 65_536) == nil)
        #expect(file.cachedRun(0, 1 << 20) == nil)
        #expect(file.cachedRun(1 << 20, 65_536) == nil)
        #expect(file.cachedRun(file.size - 4096, 4096) == nil)
    }

    /// No read in memory waits, though the kernel does not take the condition there.
    @Test(.enabled(if: access("/dev/shm", W_OK) == 0, "no /dev/shm")) func whatLiesInMemoryIsReadAtOnce() throws {
        let path = "/dev/shm/swift-erofs-fuse-\(getpid())"
        defer { unlink(path) }
        try write("in memory", to: path)
        let file = try LocalFile(path: path)
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 9, alignment: 1)
        defer { buffer.deallocate() }
        try file.read(into: buffer, at: 0, waiting: false)
        #expect(String(decoding: buffer, as: UTF8.self) == "in memory")
    }
}
