// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLZ4
import CLZMA
import CZlib
import CZstd
import Decompression

/// Makes streams with the libraries' own encoders.
enum Encoder {
    /// A stream of `codec` that decodes to `bytes`.
    static func encode(_ bytes: [UInt8], _ codec: Codec) -> [UInt8] {
        switch codec {
        case .lz4: lz4(bytes)
        case .microLZMA: microLZMA(bytes)
        case .deflate: deflated(bytes, windowBits: -15)
        case .zlib: deflated(bytes, windowBits: 15)
        case .zstd: zstd(bytes)
        }
    }

    private static func lz4(_ bytes: [UInt8]) -> [UInt8] {
        let capacity = Int(LZ4_compressBound(Int32(bytes.count)))
        return bytes.withUnsafeBytes { source in
            [UInt8](unsafeUninitializedCapacity: capacity) { output, count in
                let raw = UnsafeMutableRawBufferPointer(output).assumingMemoryBound(to: CChar.self)
                let input = source.assumingMemoryBound(to: CChar.self)
                count = Int(
                    LZ4_compress_HC(
                        input.baseAddress, raw.baseAddress, Int32(bytes.count), Int32(capacity), LZ4HC_CLEVEL_MAX))
            }
        }
    }

    private static func microLZMA(_ bytes: [UInt8]) -> [UInt8] {
        var options = lzma_options_lzma()
        lzma_lzma_preset(&options, 6)
        options.dict_size = 1 << 20
        var stream = lzma_stream()
        defer { lzma_end(&stream) }
        guard lzma_microlzma_encoder(&stream, &options) == LZMA_OK else { return [] }
        return bytes.withUnsafeBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: bytes.count + 4096) { output, count in
                stream.next_in = source.baseAddress
                stream.avail_in = source.count
                stream.next_out = output.baseAddress
                stream.avail_out = output.count
                count = lzma_code(&stream, LZMA_FINISH) == LZMA_STREAM_END ? output.count - stream.avail_out : 0
            }
        }
    }

    private static func deflated(_ bytes: [UInt8], windowBits: Int32) -> [UInt8] {
        var stream = z_stream()
        deflateInit2_(
            &stream, 9, Z_DEFLATED, windowBits, 8, Z_DEFAULT_STRATEGY, ZLIB_VERSION,
            Int32(MemoryLayout<z_stream>.size))
        defer { deflateEnd(&stream) }
        var input = bytes
        return input.withUnsafeMutableBufferPointer { source in
            [UInt8](unsafeUninitializedCapacity: source.count + 4096) { output, count in
                stream.next_in = source.baseAddress
                stream.avail_in = UInt32(source.count)
                stream.next_out = output.baseAddress
                stream.avail_out = UInt32(output.count)
                count = deflate(&stream, Z_FINISH) == Z_STREAM_END ? output.count - Int(stream.avail_out) : 0
            }
        }
    }

    private static func zstd(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: ZSTD_compressBound(bytes.count)) { output, count in
            count = ZSTD_compress(output.baseAddress, output.count, bytes, bytes.count, 9)
        }
    }
}

/// Text that compresses, of which no two stretches are alike.
func sampleText(_ count: Int) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(count + 16)
    var number = 1
    while text.count < count {
        text += Array("\(number) line\n".utf8)
        number += number % 7 + 1
    }
    return Array(text.prefix(count))
}
