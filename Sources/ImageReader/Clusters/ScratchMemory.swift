// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Memory of a thread that is used again and again; it grows to what was wanted most.
final class ScratchMemory {
    /// Bytes that are given at most: each thread that decodes keeps them.
    static let largest = 512 << 10
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)

    deinit { memory.deallocate() }

    /// `count` bytes with any content, at most ``largest``; valid until the next call.
    func bytes(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if memory.count < count {
            memory.deallocate()
            memory = .allocate(byteCount: min(max(count, 2 * memory.count), ScratchMemory.largest), alignment: 4096)
        }
        return UnsafeMutableRawBufferPointer(rebasing: memory[..<min(count, memory.count)])
    }
}
