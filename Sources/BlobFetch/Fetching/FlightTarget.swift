// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Collects the bytes of one flight until all are there, so that none becomes visible before it is known to be right.
final class FlightTarget: FetchTarget, @unchecked Sendable {
    // Safe to share: a source calls it from one thread at a time, and the flight looks only after the completion.
    private let memory: UnsafeMutableRawBufferPointer
    private var count = 0
    private let source: String

    init(bytes: Int, source: String) {
        memory = .allocate(byteCount: max(1, bytes), alignment: 4096)
        size = bytes
        self.source = source
    }

    private let size: Int

    deinit { memory.deallocate() }

    func restart() { count = 0 }

    func receive(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
        guard bytes.count <= size - count else {
            throw .badAnswer(source: source, reason: "more than the \(size) bytes that were asked for")
        }
        UnsafeMutableRawBufferPointer(rebasing: memory[count...]).copyMemory(from: bytes)
        count += bytes.count
    }

    func room(for count: Int) -> UnsafeMutableRawBufferPointer? {
        guard count >= 0, count <= size - self.count else { return nil }
        return UnsafeMutableRawBufferPointer(rebasing: memory[self.count..<self.count + count])
    }

    func filled(_ count: Int) { self.count += count }

    /// All bytes of the range; throws when the source has delivered fewer.
    func whole() throws(FetchError) -> UnsafeRawBufferPointer {
        guard count == size else {
            throw .badAnswer(source: source, reason: "\(count) of the \(size) bytes that were asked for")
        }
        return UnsafeRawBufferPointer(rebasing: memory[..<size])
    }
}
