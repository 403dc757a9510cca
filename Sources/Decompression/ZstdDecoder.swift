// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CZstd

/// Zstandard frames.
final class ZstdDecoder {
    private var context: OpaquePointer?

    /// log2 of the largest window that a stream may ask memory for: 8 MiB, what the format's recommendation demands.
    private static let largestWindow: Int32 = 23

    deinit { ZSTD_freeDCtx(context) }

    /// Decodes a frame, or its beginning, until `target` is full.
    func decode(
        _ encoded: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ amount: Decoder.Amount
    ) throws(DecodingError) {
        let context = try open()
        switch amount {
        case .whole: try decodeFrame(encoded, into: target, context)
        case .prefix: try decodePrefix(encoded, into: target, context)
        }
    }

    /// Decodes in one go: without a window of its own, the library needs no second copy of the bytes.
    private func decodeFrame(
        _ encoded: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ context: OpaquePointer
    ) throws(DecodingError) {
        // What follows the first frame does not count.
        let frame = ZSTD_findFrameCompressedSize(encoded.baseAddress, encoded.count)
        guard ZSTD_isError(frame) == 0 else { throw .damaged(.zstd) }
        let decoded = ZSTD_decompressDCtx(context, target.baseAddress, target.count, encoded.baseAddress, frame)
        guard ZSTD_isError(decoded) == 0 else { throw .damaged(.zstd) }
        guard decoded == target.count else { throw .wrongLength(.zstd, decoded: decoded, wanted: target.count) }
    }

    private func decodePrefix(
        _ encoded: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, _ context: OpaquePointer
    ) throws(DecodingError) {
        guard ZSTD_isError(ZSTD_DCtx_reset(context, ZSTD_reset_session_only)) == 0 else { throw .damaged(.zstd) }
        var input = ZSTD_inBuffer(src: encoded.baseAddress, size: encoded.count, pos: 0)
        var output = ZSTD_outBuffer(dst: target.baseAddress, size: target.count, pos: 0)
        while output.pos < output.size {
            let before = (input.pos, output.pos)
            let hint = ZSTD_decompressStream(context, &output, &input)
            guard ZSTD_isError(hint) == 0 else { throw .damaged(.zstd) }
            let isStuck = before == (input.pos, output.pos)
            guard hint != 0 && !isStuck || output.pos == output.size else {
                throw .wrongLength(.zstd, decoded: output.pos, wanted: target.count)
            }
        }
    }

    private func open() throws(DecodingError) -> OpaquePointer {
        if let context { return context }
        guard let made = ZSTD_createDCtx() else { throw .outOfMemory(.zstd) }
        context = made
        ZSTD_DCtx_setParameter(made, ZSTD_d_windowLogMax, ZstdDecoder.largestWindow)
        return made
    }
}
