// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLZ4

/// LZ4 blocks; the codec has no state.
enum LZ4Block {
    /// Decodes a block, or its beginning, until `target` is full.
    static func decode(
        _ encoded: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ amount: Decoder.Amount
    ) throws(DecodingError) {
        let source = encoded.assumingMemoryBound(to: CChar.self)
        let output = target.assumingMemoryBound(to: CChar.self)
        let (sourceCount, outputCount) = (Int32(encoded.count), Int32(target.count))
        let decoded =
            switch amount {
            case .whole:
                LZ4_decompress_safe(source.baseAddress, output.baseAddress, sourceCount, outputCount)
            case .prefix:
                LZ4_decompress_safe_partial(
                    source.baseAddress, output.baseAddress, sourceCount, outputCount, outputCount)
            }
        guard decoded >= 0 else { throw .damaged(.lz4) }
        guard decoded == outputCount else {
            throw .wrongLength(.lz4, decoded: Int(decoded), wanted: target.count)
        }
    }
}
