// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// A zlib inflater that is used again and again, by one thread at a time.
final class InflateContext {
    private let stream: UnsafeMutablePointer<z_stream>
    private let isReady: Bool

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        isReady = inflateInit2_(stream, 31, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK
    }

    deinit {
        if isReady { inflateEnd(stream) }
        stream.deallocate()
    }

    /// Inflates one gzip member, whose plain text must fill `target` exactly and have the checksum the member says.
    func member(_ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer) -> Bool {
        guard isReady, inflateReset2(stream, 31) == Z_OK, supply(source, target) else { return false }
        return inflate(stream, Z_FINISH) == Z_STREAM_END && stream.pointee.avail_out == 0
    }

    /// Inflates from the middle of a gzip file until `target` is full.
    ///
    /// - Parameters:
    ///   - source: The file from the context's first whole byte; further members may follow inside.
    ///   - bits: How many bits of `byte`, the byte before, are still to be consumed.
    ///   - dictionary: The plain text before, up to 32 KiB.
    func window(
        _ source: UnsafeRawBufferPointer, bits: UInt8, of byte: UInt8, dictionary: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        guard isReady, bits < 8, inflateReset2(stream, -15) == Z_OK else { return false }
        if bits > 0, inflatePrime(stream, Int32(bits), Int32(byte >> (8 - bits))) != Z_OK { return false }
        if let base = dictionary.baseAddress?.assumingMemoryBound(to: UInt8.self), !dictionary.isEmpty {
            guard inflateSetDictionary(stream, base, UInt32(dictionary.count)) == Z_OK else { return false }
        }
        guard supply(source, target) else { return false }
        var trailer: UInt32 = 8
        while stream.pointee.avail_out > 0 {
            let result = inflate(stream, Z_NO_FLUSH)
            guard result == Z_STREAM_END else {
                return (result == Z_OK || result == Z_BUF_ERROR) && stream.pointee.avail_out == 0
            }
            guard stream.pointee.avail_out > 0 else { break }
            guard nextMember(skipping: trailer) else { return false }
            // From here on zlib reads header and trailer itself.
            trailer = 0
        }
        return true
    }

    private func nextMember(skipping trailer: UInt32) -> Bool {
        guard stream.pointee.avail_in > trailer, let next = stream.pointee.next_in else { return false }
        let rest = stream.pointee.avail_in - trailer
        guard inflateReset2(stream, 31) == Z_OK else { return false }
        stream.pointee.next_in = next + Int(trailer)
        stream.pointee.avail_in = rest
        return true
    }

    private func supply(_ source: UnsafeRawBufferPointer, _ target: UnsafeMutableRawBufferPointer) -> Bool {
        guard let available = UInt32(exactly: source.count), let room = UInt32(exactly: target.count),
            let input = source.baseAddress, let output = target.baseAddress
        else { return false }
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = available
        stream.pointee.next_out = output.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = room
        return true
    }
}
