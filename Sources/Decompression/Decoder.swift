// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Decodes streams of every codec, keeping the codecs' state from one to the next.
///
/// For one thread at a time; each thread that decodes has its own. Holds at most about 18 MiB, and that only after large
/// MicroLZMA and Zstandard streams. Whatever the encoded bytes are, nothing outside the target is written.
package final class Decoder {
    private let lzma = MicroLZMADecoder()
    private let inflate = InflateDecoder()
    private let zstd = ZstdDecoder()

    /// How much of a stream is asked for.
    package enum Amount: Sendable {
        /// All of it: the stream must end with the target's last byte.
        case whole
        /// The beginning: what follows the target's last byte is not looked at.
        case prefix
    }

    package init() {}

    /// Decodes `encoded` into `target` until that is full.
    ///
    /// When an error is thrown the target's content is arbitrary.
    package func decode(
        _ codec: Codec, _ encoded: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer,
        _ amount: Amount = .whole
    ) throws(DecodingError) {
        guard encoded.count > 0 else { throw .empty(codec) }
        guard encoded.count <= Decoder.largest else { throw .tooLarge(codec, count: encoded.count) }
        guard target.count <= Decoder.largest else { throw .tooLarge(codec, count: target.count) }
        guard target.count > 0 else { return }
        switch codec {
        case .lz4: try LZ4Block.decode(encoded, into: target, amount)
        case .microLZMA: try lzma.decode(encoded, into: target, amount)
        case .deflate: try inflate.decode(encoded, into: target, amount, codec)
        case .zlib: try inflate.decode(encoded, into: target, amount, codec)
        case .zstd: try zstd.decode(encoded, into: target, amount)
        }
    }

    /// Bytes that fit the smallest integer which any of the libraries counts with.
    private static let largest = Int(Int32.max)
}

extension UnsafeRawBufferPointer {
    /// The bytes from the first that is not zero on: a stream without the padding before it.
    ///
    /// - Parameter limit: The most bytes of padding that are looked at; a stream with more is not found.
    package func withoutLeadingZeroes(limit: Int) -> UnsafeRawBufferPointer {
        let searched = Swift.min(limit, count)
        guard let first = self[..<searched].firstIndex(where: { $0 != 0 }) else {
            return UnsafeRawBufferPointer(rebasing: self[count...])
        }
        return UnsafeRawBufferPointer(rebasing: self[first...])
    }
}
