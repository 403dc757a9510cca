// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// How the chunks of a blob, or its chunk info, are compressed.
package enum ChunkCodec: UInt32, Sendable {
    case none = 0
    case lz4 = 1
    case gzip = 2
    case zstd = 3

    init(_ value: UInt32, _ place: RafsError.Place, field: RafsError.StaticName) throws(RafsError) {
        guard let codec = ChunkCodec(rawValue: value) else {
            throw .unsupported(place, field: field, value: UInt64(value))
        }
        self = codec
    }

    /// The codec's usual name.
    package var name: String {
        switch self {
        case .none: "none"
        case .lz4: "lz4"
        case .gzip: "gzip"
        case .zstd: "zstd"
        }
    }
}
