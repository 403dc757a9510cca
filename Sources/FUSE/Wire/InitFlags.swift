// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Flags of INIT as the kernel counts them (`FUSE_...` of linux/fuse.h): those that libfuse 3.14 has no name for.
struct InitFlags: OptionSet, Sendable {
    let rawValue: UInt64

    /// `FUSE_INIT_EXT`: the flags have a second word.
    static let extended = InitFlags(rawValue: 1 << 30)
    /// `FUSE_PASSTHROUGH`: the kernel may be given files that it reads by itself.
    static let passthrough = InitFlags(rawValue: 1 << 37)
    /// `FUSE_ALLOW_IDMAP`: mounts of the mount may have their owners shifted.
    static let allowIDMap = InitFlags(rawValue: 1 << 40)

    /// `FUSE_OVER_IO_URING`: requests and replies go through rings.
    static let overIOUring = InitFlags(rawValue: 1 << 41)

    private static let named: [(flag: InitFlags, name: String)] = [
        (.allowIDMap, "ALLOW_IDMAP"), (.overIOUring, "OVER_IO_URING"), (.passthrough, "PASSTHROUGH"),
    ]
    private static let secondWord = MemoryLayout<UInt32>.size * 8
    /// Where the words are in `struct fuse_init_in`, and in `struct fuse_init_out`.
    private static let request = (first: 12, second: 16)
    private static let answer = (first: 12, second: 32)
    /// Where `max_stack_depth` is in `struct fuse_init_out`.
    private static let stackDepth = 36

    init(rawValue: UInt64) { self.rawValue = rawValue }

    /// What the kernel offers in its request.
    init(offeredIn request: Request) {
        let first = UInt64(request.u32(InitFlags.request.first))
        let second = UInt64(request.u32(InitFlags.request.second))
        let isExtended = first & InitFlags.extended.rawValue != 0
        rawValue = first | (isExtended ? second << InitFlags.secondWord : 0)
    }

    /// Adds these flags to an answer (`struct fuse_init_out`) that is not sent yet.
    ///
    /// - Returns: False when the answer is that of an old kernel, which has no place for them; it is left as it was.
    func add(toAnswer answer: UnsafeMutableRawBufferPointer) -> Bool {
        guard answer.count >= InitFlags.answer.second + MemoryLayout<UInt32>.size else { return false }
        let all = union(.extended).rawValue
        InitFlags.add(UInt32(truncatingIfNeeded: all), to: answer, at: InitFlags.answer.first)
        InitFlags.add(UInt32(truncatingIfNeeded: all >> InitFlags.secondWord), to: answer, at: InitFlags.answer.second)
        if contains(.passthrough), answer.count >= InitFlags.stackDepth + MemoryLayout<UInt32>.size {
            // The files given lie on file systems that do not stand on another one.
            answer.storeBytes(of: 1, toByteOffset: InitFlags.stackDepth, as: UInt32.self)
        }
        return true
    }

    private static func add(_ bits: UInt32, to answer: UnsafeMutableRawBufferPointer, at offset: Int) {
        let word = answer.loadUnaligned(fromByteOffset: offset, as: UInt32.self)
        answer.storeBytes(of: word | bits, toByteOffset: offset, as: UInt32.self)
    }

    /// The names, without the prefix.
    var names: [String] {
        InitFlags.named.filter { contains($0.flag) }.map(\.name)
    }

    /// Bytes that a request or a reply may have behind its header, by an answer (`struct fuse_init_out`).
    static func largestPayload(inAnswer answer: UnsafeRawBufferPointer) -> Int {
        guard answer.count >= 30 else { return .max }
        let maxWrite = Int(answer.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
        let maxPages = Int(answer.loadUnaligned(fromByteOffset: 28, as: UInt16.self))
        return max(8192, maxWrite, maxPages * Int(getpagesize()))
    }
}
