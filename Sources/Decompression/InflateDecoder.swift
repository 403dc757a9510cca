// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CZlib

/// DEFLATE streams, with or without the frame of zlib.
final class InflateDecoder {
    /// Allocated, because zlib keeps the address.
    private let stream: UnsafeMutablePointer<z_stream>
    private var isOpen = false

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
    }

    deinit {
        if isOpen { inflateEnd(stream) }
        stream.deallocate()
    }

    /// Decodes a stream, or its beginning, until `target` is full.
    func decode(
        _ encoded: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ amount: Decoder.Amount,
        _ codec: Codec
    ) throws(DecodingError) {
        // The largest window serves streams of all window sizes; a negative one means that there is no frame.
        try open(windowBits: codec == .zlib ? 15 : -15, codec)
        stream.pointee.next_in = UnsafeMutablePointer(
            mutating: encoded.assumingMemoryBound(to: UInt8.self).baseAddress)
        stream.pointee.avail_in = UInt32(encoded.count)
        stream.pointee.next_out = target.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.pointee.avail_out = UInt32(target.count)
        let code = CZlib.inflate(stream, Z_FINISH)
        let decoded = target.count - Int(stream.pointee.avail_out)
        guard code != Z_MEM_ERROR else { throw .outOfMemory(codec) }
        guard code == Z_STREAM_END || code == Z_OK || code == Z_BUF_ERROR else { throw .damaged(codec) }
        guard decoded == target.count else { throw .wrongLength(codec, decoded: decoded, wanted: target.count) }
        if case .whole = amount, code != Z_STREAM_END { throw .damaged(codec) }
    }

    private func open(windowBits: Int32, _ codec: Codec) throws(DecodingError) {
        if isOpen {
            guard inflateReset2(stream, windowBits) == Z_OK else { throw .damaged(codec) }
            return
        }
        let code = inflateInit2_(stream, windowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        guard code == Z_OK else { throw .outOfMemory(codec) }
        isOpen = true
    }
}
