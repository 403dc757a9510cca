// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import CZlib

/// Gzip data unpacked in memory.
enum GzipDocument {
    /// The unpacked bytes; data that is not gzip is given back as it is.
    ///
    /// - Returns: Nil for damaged data, and when there are more than `limit` bytes.
    static func unpacked(_ bytes: [UInt8], limit: Int) -> [UInt8]? {
        guard bytes.starts(with: [0x1F, 0x8B]) else { return bytes }
        var stream = z_stream()
        guard inflateInit2_(&stream, 15 + 16, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            return nil
        }
        defer { inflateEnd(&stream) }
        var source = bytes
        var piece = [UInt8](repeating: 0, count: 256 << 10)
        var result: [UInt8] = []
        return source.withUnsafeMutableBufferPointer { input in
            stream.next_in = input.baseAddress
            stream.avail_in = UInt32(clamping: input.count)
            while true {
                let (code, made) = inflate(&stream, into: &piece)
                guard code == Z_OK || code == Z_STREAM_END, made <= limit - result.count else { return nil }
                result.append(contentsOf: piece.prefix(made))
                if code == Z_STREAM_END { return result }
                if made == 0, stream.avail_in == 0 { return nil }
            }
        }
    }

    private static func inflate(_ stream: inout z_stream, into piece: inout [UInt8]) -> (code: Int32, made: Int) {
        piece.withUnsafeMutableBufferPointer { output in
            stream.next_out = output.baseAddress
            stream.avail_out = UInt32(clamping: output.count)
            let code = CZlib.inflate(&stream, Z_NO_FLUSH)
            return (code, output.count - Int(stream.avail_out))
        }
    }
}
