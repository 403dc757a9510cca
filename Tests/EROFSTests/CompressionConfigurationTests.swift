// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EROFS

@Suite struct CompressionConfigurationTests {
    /// A tree whose superblock is followed by configuration records.
    private func builder(_ algorithms: UInt16, _ records: String) -> ImageBuilder {
        var builder = ImageBuilder.smallTree()
        builder.setFeatures(incompatible: 3)
        builder.put(algorithms, at: 1024 + 0x54)
        builder.put(hexadecimal(records), at: 1024 + 128)
        return builder
    }

    @Test func knowsOnlyLZ4WithoutRecords() throws {
        var builder = ImageBuilder.smallTree()
        builder.put(UInt16(4096), at: 1024 + 0x54)
        let configuration = try builder.open().compression
        #expect(configuration.available == 1)
        #expect(configuration.lz4Distance == 4096)
        #expect(configuration.lz4ClusterBlocks == 1)
    }

    @Test func readsTheRecordsOfAllAlgorithms() throws {
        let records = """
            0e00 ffff 0400 00000000000000000000 0e00 00000100 0000 0000000000000000
            0600 0f 0000000000 0600 00 05 00000000
            """
        let configuration = try builder(15, records).open().compression
        #expect(configuration.available == 15)
        #expect(configuration.lz4ClusterBlocks == 4)
    }

    @Test func refusesWhatLinuxRefuses() {
        let lzma = ImageError.Place.configuration(algorithm: 1)
        let zstd = ImageError.Place.configuration(algorithm: 3)
        let cases: [(UInt16, String, ImageError)] = [
            (16, "", .unsupported(.superblock, field: "available_compr_algs", value: 16)),
            (1, "0c00", .invalid(.configuration(algorithm: 0), field: "length", value: 12)),
            (1, "0e00 0000 0101", .invalid(.configuration(algorithm: 0), field: "max_pclusterblks", value: 257)),
            (2, "0e00 ff0f0000 0000", .invalid(lzma, field: "dict_size", value: 4095)),
            (2, "0e00 01008000 0000", .invalid(lzma, field: "dict_size", value: 0x80_0001)),
            (2, "0e00 00100000 0100", .invalid(lzma, field: "format", value: 1)),
            (4, "0600 10", .unsupported(.configuration(algorithm: 2), field: "windowbits", value: 16)),
            (8, "0600 01 00", .invalid(zstd, field: "format", value: 1)),
            (8, "0600 00 0b", .invalid(zstd, field: "windowlog", value: 11)),
            (8, "0500 00 00", .invalid(zstd, field: "length", value: 5)),
            (1, "0000", .outOfBounds(offset: 1154, count: 65536, size: 8192)),
        ]
        for (algorithms, records, error) in cases {
            #expect(builder(algorithms, records).openingError() == error)
        }
    }
}
