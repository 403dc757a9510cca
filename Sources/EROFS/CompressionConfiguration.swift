// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What the superblock says about the algorithms of compressed files.
package struct CompressionConfiguration: Sendable, Equatable {
    /// The ids of the format's algorithms.
    package enum AlgorithmID {
        static let lz4 = 0
        static let lzma = 1
        static let deflate = 2
        static let zstd = 3
    }

    /// The algorithms that files may use, as bits: LZ4, MicroLZMA, DEFLATE, Zstandard.
    package private(set) var available: UInt16
    /// The reach of LZ4 matches in bytes.
    package private(set) var lz4Distance: UInt16 = 65535
    /// The most blocks of an LZ4 cluster.
    package private(set) var lz4ClusterBlocks = 1
    /// The most bytes that a physical cluster has on disk.
    package static let maximumEncodedLength = 1 << 20
    /// The most bytes that a physical cluster decodes to.
    package static let maximumDecodedLength = 12 << 20

    /// Reads the configuration records behind the superblock, if the image has any.
    init(of image: ImageBytes, _ superblock: Superblock) throws(ImageError) {
        let field = superblock.algorithmsOrDistance
        guard superblock.incompatible.contains(.compressionConfigurations) else {
            available = 1
            lz4Distance = field == 0 ? 65535 : field
            return
        }
        available = field
        guard available & ~0xF == 0 else {
            throw .unsupported(.superblock, field: "available_compr_algs", value: UInt64(available))
        }
        var offset = Superblock.offset + UInt64(superblock.length)
        for algorithm in 0..<4 where available & (1 << algorithm) != 0 {
            offset = (offset + 3) & ~3
            let stored = Int(try image.record(at: offset, count: 2).u16(0))
            let length = stored == 0 ? 65536 : stored
            let payload = try image.record(at: offset + 2, count: length)
            try take(payload, of: algorithm, blockBits: superblock.blockBits)
            offset += 2 + UInt64(length)
        }
    }

    private mutating func take(_ payload: Record, of algorithm: Int, blockBits: Int) throws(ImageError) {
        let place = ImageError.Place.configuration(algorithm: algorithm)
        let needed = algorithm <= AlgorithmID.lzma ? 14 : 6
        guard payload.count >= needed else {
            throw .invalid(place, field: "length", value: UInt64(payload.count))
        }
        switch algorithm {
        case AlgorithmID.lz4:
            lz4Distance = payload.u16(0) == 0 ? 65535 : payload.u16(0)
            lz4ClusterBlocks = max(1, Int(payload.u16(2)))
            guard lz4ClusterBlocks <= Self.maximumEncodedLength >> blockBits else {
                throw .invalid(place, field: "max_pclusterblks", value: UInt64(lz4ClusterBlocks))
            }
        case AlgorithmID.lzma:
            let dictionary = payload.u32(0)
            guard payload.u16(4) == 0 else { throw .invalid(place, field: "format", value: UInt64(payload.u16(4))) }
            guard 4096...(8 << 20) ~= dictionary else {
                throw .invalid(place, field: "dict_size", value: UInt64(dictionary))
            }
        case AlgorithmID.deflate:
            guard payload.u8(0) <= 15 else {
                throw .unsupported(place, field: "windowbits", value: UInt64(payload.u8(0)))
            }
        default:
            guard payload.u8(0) == 0 else { throw .invalid(place, field: "format", value: UInt64(payload.u8(0))) }
            guard payload.u8(1) <= 10 else { throw .invalid(place, field: "windowlog", value: UInt64(payload.u8(1))) }
        }
    }
}
