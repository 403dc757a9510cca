// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLZMA

/// MicroLZMA streams.
///
/// The library keeps its dictionary between streams as long as the size asked for stays the same.
final class MicroLZMADecoder {
    private var stream = lzma_stream()

    deinit { lzma_end(&stream) }

    /// Decodes a stream, or its beginning, until `target` is full.
    func decode(
        _ encoded: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ amount: Decoder.Amount
    ) throws(DecodingError) {
        let isExact = if case .whole = amount { true } else { false }
        let code = lzma_microlzma_decoder(
            &stream, UInt64(encoded.count), UInt64(target.count), isExact ? 1 : 0, dictionarySize(for: target.count))
        guard code == LZMA_OK else { throw code == LZMA_MEM_ERROR ? .outOfMemory(.microLZMA) : .damaged(.microLZMA) }
        stream.next_in = encoded.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.avail_in = encoded.count
        stream.next_out = target.assumingMemoryBound(to: UInt8.self).baseAddress
        stream.avail_out = target.count
        let end = lzma_code(&stream, LZMA_FINISH)
        guard end != LZMA_MEM_ERROR else { throw .outOfMemory(.microLZMA) }
        guard end == LZMA_STREAM_END else { throw .damaged(.microLZMA) }
        guard stream.avail_out == 0 else {
            throw .wrongLength(.microLZMA, decoded: target.count - stream.avail_out, wanted: target.count)
        }
    }

    /// A dictionary that is never too small: no match reaches behind the first byte, nor further than 8 MiB in any image.
    ///
    /// Few sizes, so that it is seldom allocated anew.
    private func dictionarySize(for count: Int) -> UInt32 {
        count <= 64 << 10 ? 64 << 10 : count <= 1 << 20 ? 1 << 20 : 8 << 20
    }
}
