// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import EROFS

/// Indexes with an entry for each logical cluster.
@Suite struct ClusterIndexTests {
    @Test func readsPackedIndexes() throws {
        // What mkfs.erofs writes for the output of `seq 1 30000`, as far as it is asked for here.
        let first = hexadecimal("0000 0000 00000000 0000 0000 02000000 0000 0000 04000000")
        let pack = hexadecimal("00000000 00000000 00000000 b95e515f 00186f35 7a01e08c 85dd0580 06000000")
        var file = CompressedFile(nid: 54, layout: 3, size: 168_894)
        file.header = hexadecimal("00000000 0100 00 00")
        file.index = first + pack + [UInt8](repeating: 0, count: 48)
        #expect(try file.extent(at: 0) == .cluster(0, 4096, at: 4096, 4096, .shifted))
        #expect(try file.extent(at: 8191) == .cluster(4096, 4096, at: 8192, 4096, .shifted))
        #expect(try file.extent(at: 24576) == .cluster(24576, 4096, at: 28672, 4096, .shifted))
        for offset in [49152, 50000, 55213] as [UInt64] {
            #expect(try file.extent(at: offset) == .cluster(49152, 6062, at: 53248, 4096, .lz4))
        }
    }

    @Test func readsBigClustersInPackedIndexes() throws {
        var file = CompressedFile(layout: 3, size: 20480)
        file.header = hexadecimal("00000000 0600 00 00")
        file.index = hexadecimal("0010 0428 01000000 0220 0120 05000000 a600 0000 05000000")
        for offset in [0, 4096, 12287, 16549] as [UInt64] {
            #expect(try file.extent(at: offset) == .cluster(0, 16550, at: 4096, 16384, .lz4))
        }
        #expect(try file.extent(at: 16550) == .cluster(16550, 3930, at: 20480, 4096, .shifted))
    }

    /// The same file as in the test before, in the other form.
    private let full: CompressedFile = {
        var file = CompressedFile(size: 20480)
        file.header = hexadecimal("00000000 0200 00 00")
        file.index =
            hexadecimal("0000000000000000 0100 0000 01000000 0200 0000 0408 0300 0200 0000 0200 0200")
            + hexadecimal("0200 0000 0300 0100 0000 a600 05000000")
        return file
    }()

    @Test func readsFullIndexes() throws {
        for offset in [0, 4096, 12287, 16549] as [UInt64] {
            #expect(try full.extent(at: offset) == .cluster(0, 16550, at: 4096, 16384, .lz4))
        }
        #expect(try full.extent(at: 20479) == .cluster(16550, 3930, at: 20480, 4096, .shifted))
    }

    @Test func takesTheSecondAlgorithmAndPartialReferences() throws {
        var file = CompressedFile(size: 4096)
        file.header = hexadecimal("00000000 0000 30 00")
        file.index = hexadecimal("0000000000000000 0380 0000 05000000")
        #expect(try file.extent(at: 17) == .cluster(0, 4096, at: 20480, 4096, .zstd, isPartial: true))
    }

    @Test func takesLogicalClustersOfSeveralBlocks() throws {
        var file = CompressedFile(size: 40000)
        file.header = hexadecimal("00000000 0000 00 02")
        file.index = hexadecimal("0000000000000000 0100 0000 01000000 0100 1027 02000000 0200 0000 0100 0000")
        #expect(try file.extent(at: 26383) == .cluster(0, 26384, at: 4096, 4096, .lz4))
        #expect(try file.extent(at: 26384) == .cluster(26384, 13616, at: 8192, 4096, .lz4))
        #expect(try file.extent(at: 39999) == .cluster(26384, 13616, at: 8192, 4096, .lz4))
    }

    @Test func knowsOldImagesWithoutPadding() throws {
        var file = CompressedFile(size: 4096, features: 0)
        file.index = hexadecimal("0000000000000000 0100 0000 05000000")
        guard case .cluster(let cluster) = try file.extent(at: 0).source else { throw TestError.notACluster }
        #expect(cluster.isPartial && !cluster.hasLeadingPadding)
    }

    @Test func findsInlinedTails() throws {
        var file = CompressedFile(size: 5000, features: 0x13)
        file.header = hexadecimal("0000 c800 0800 00 00")
        file.index = hexadecimal("0000000000000000 0100 0000 01000000 0100 6400 00000000")
        let extent = try file.extent(at: 4999)
        #expect(extent.start == 4196 && extent.length == 804)
        guard case .cluster(let cluster) = extent.source else { throw TestError.notACluster }
        #expect(cluster.place == .metadata(MetadataPlace(stream: .primary, offset: 48 * 32 + 32 + 16 + 16)))
        #expect(cluster.encodedLength == 200)
        file.header = hexadecimal("0000 ff0f 0800 00 00")
        #expect(file.complaint(at: 4999) == "h_idata_size", "it crosses the block's end")
    }

    @Test func findsFragments() throws {
        var file = CompressedFile(size: 20480, features: 0x23, packedInode: 60)
        file.header = hexadecimal("3412 0000 2200 00 00")
        file.index = full.index
        #expect(
            try file.extent(at: 20000) == Extent(start: 16550, length: 3930, source: .fragment(offset: 0x5_0000_1234)))
        #expect(try file.extent(at: 16549) == .cluster(0, 16550, at: 4096, 16384, .lz4))
        file.header = hexadecimal("0100000000000080")
        #expect(try file.extent(at: 20000) == Extent(start: 0, length: 20480, source: .fragment(offset: 1)))
        file.packedInode = 0
        #expect(file.complaint() == "packed_nid")
    }

    @Test func refusesFragmentsOfThePackedInodeItself() {
        var file = CompressedFile(size: 20480, features: 0x23)
        file.header = hexadecimal("0100000000000080")
        file.packedInode = UInt64(file.nid)
        #expect(file.complaint() == "fragment in the packed inode")
    }

    @Test(arguments: [
        (8, "0100 6400 01000000", UInt64(0), "distance to the head"),
        (8, "0100 0010 01000000", 0, "clusterofs"),
        (8, "0100 0000 01000000 0200 0000 0000 0100", 5000, "distance to the head"),
        (8, "0100 0000 01000000 0200 0000 0200 0100", 5000, "distance to the head"),
        (8, "0100 0000 01000000 0200 0000 0100 0100", 0, "cluster blocks"),
        (8, "0100 0000 01000000 0200 0000 0008 0100", 0, "cluster blocks"),
        (8, "0000 0000 01000000", 0, "stored cluster length"),
    ])
    func namesDamage(place: Int, bytes: String, offset: UInt64, field: String) {
        var file = full
        let change = hexadecimal(bytes)
        file.index.replaceSubrange(place..<place + change.count, with: change)
        #expect(file.complaint(at: offset) == field)
    }

    @Test func refusesHeadersThatContradictThemselves() {
        var file = full
        file.header = hexadecimal("00000000 0200 05 00")
        #expect(file.complaint() == "unsupported algorithm")
        file.header = hexadecimal("00000000 0200 01 00")
        #expect(file.complaint() == "algorithm")
        file.layout = 3
        file.header = hexadecimal("00000000 0200 00 00")
        #expect(file.complaint() == "h_advise", "one size of clusters for both heads")
        file = full
        file.features = 1
        #expect(file.complaint() == "h_advise", "big clusters without their feature")
        file = CompressedFile(layout: 3, size: 20480, header: hexadecimal("00000000 0000 00 03"))
        #expect(file.complaint()?.contains("h_clusterbits 15 is invalid") == true)
        file = full
        file.header[7] = 12
        #expect(file.complaint() == "unsupported h_clusterbits", "16 MiB are more than a cluster decodes to")
    }

    @Test func boundsWalksAlongTheIndex() {
        // Entries that each lead one further, for more bytes than any cluster decodes to.
        var file = CompressedFile(size: 3500 * 4096)
        file.index = hexadecimal("0000000000000000 0100 0000 01000000")
        for _ in 1..<3500 { file.index += hexadecimal("0200 0000 0100 0100") }
        #expect(file.complaint(at: 0) == "distance to the next head")
        #expect(file.complaint(at: 3499 * 4096) == "distance to the head")
    }

    private enum TestError: Error {
        case notACluster
    }
}
