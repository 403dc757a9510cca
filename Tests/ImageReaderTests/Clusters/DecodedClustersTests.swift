// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Primitives
import Testing

@testable import ImageReader

@Suite(.serialized) struct DecodedClustersTests {
    private static func cluster(_ number: Int, count: Int = 1000) -> EncodedCluster {
        EncodedCluster(
            place: .device(id: 0, offset: UInt64(number) * 4096), encodedLength: 4096, decodedLength: count,
            algorithm: .lz4, isPartial: false, hasLeadingPadding: true, start: UInt64(number) * 10000)
    }

    private static func fill(_ memory: UnsafeMutableRawBufferPointer, _ byte: UInt8) {
        memory.initializeMemory(as: UInt8.self, repeating: byte)
    }

    @Test func keepsWhatWasDecoded() throws {
        let cache = DecodedClusters(capacity: 1 << 20)
        #expect(cache.find(Self.cluster(1)) == nil)
        _ = try cache.cluster(Self.cluster(1), waiting: true) { Self.fill($0, 7) }
        let kept = try cache.cluster(Self.cluster(1), waiting: false) { _ in Issue.record("decoded twice") }
        var bytes = [UInt8](repeating: 0, count: 10)
        bytes.withUnsafeMutableBytes { kept.copy(from: 990, to: $0) }
        #expect(bytes == [UInt8](repeating: 7, count: 10))
    }

    @Test func tellsExtentsOfOneClusterApart() throws {
        let cache = DecodedClusters(capacity: 1 << 20)
        let whole = Self.cluster(1)
        var part = whole
        part.decodedLength = 500
        part.isPartial = true
        _ = try cache.cluster(whole, waiting: true) { Self.fill($0, 1) }
        #expect(cache.find(part) == nil)
        let kept = try cache.cluster(part, waiting: true) { Self.fill($0, 2) }
        #expect(kept.memory.count == 500)
    }

    @Test func staysWithinItsCapacity() throws {
        let shelf = DecodedClusterShelf(capacity: 40_960)
        for number in 0..<100 {
            #expect(try shelf.claim(Self.cluster(number), waiting: false) == nil)
            shelf.put(DecodedCluster(Self.cluster(number)))
            // One that is asked for again and again stays.
            #expect(shelf.find(Self.cluster(0)) != nil)
            #expect(shelf.byteCount <= 40_960)
        }
        #expect(shelf.find(Self.cluster(99)) != nil)
        #expect(shelf.find(Self.cluster(50)) == nil)
    }

    @Test func keepsOneClusterThatIsTooLarge() throws {
        let shelf = DecodedClusterShelf(capacity: 100)
        for number in 0..<3 {
            #expect(try shelf.claim(Self.cluster(number), waiting: false) == nil)
            shelf.put(DecodedCluster(Self.cluster(number)))
        }
        #expect(shelf.byteCount == 4096)
        #expect(shelf.find(Self.cluster(2)) != nil)
    }

    /// Memory that is given back and taken again costs a page fault for each of its pages.
    @Test func whatHasToGoLeavesItsMemoryToWhatComes() throws {
        let shelf = DecodedClusterShelf(capacity: 3 * 65_536)
        func put(_ number: Int, count: Int, in pages: MemoryPages? = nil) throws {
            let cluster = Self.cluster(number, count: count)
            #expect(try shelf.claim(cluster, waiting: false) == nil)
            shelf.put(DecodedCluster(cluster, in: pages))
        }
        for number in 0..<3 { try put(number, count: 65_536) }
        let pages = shelf.makeRoom(for: Self.cluster(3, count: 65_000))
        #expect(pages?.bytes.count == 65_536)
        try put(3, count: 65_000, in: pages)
        #expect(shelf.byteCount == 3 * 65_536)
        #expect(shelf.find(Self.cluster(3, count: 65_000))?.memory.count == 65_000)
        // Too much memory for so little.
        #expect(shelf.makeRoom(for: Self.cluster(4, count: 9)) == nil)
        try put(4, count: 9)
        #expect(shelf.byteCount == 2 * 65_536 + 4096)
    }

    /// Who has found a cluster may still copy from it.
    @Test func whatIsInUseKeepsItsMemory() throws {
        let shelf = DecodedClusterShelf(capacity: 4096)
        let first = Self.cluster(1)
        #expect(try shelf.claim(first, waiting: false) == nil)
        let made = DecodedCluster(first)
        Self.fill(made.memory, 5)
        shelf.put(made)
        #expect(shelf.makeRoom(for: Self.cluster(2)) == nil)
        #expect(shelf.find(first) == nil)
        #expect(made.memory.allSatisfy { $0 == 5 })
    }

    @Test func decodesOnceForAllWhoAsk() throws {
        let cache = DecodedClusters(capacity: 1 << 20)
        let count = Locked(0)
        let threads = try (0..<8).map { number in
            try NamedThread("reader-\(number)") {
                let kept = try? cache.cluster(Self.cluster(1), waiting: true) { memory throws(ReadError) in
                    count.withLock { $0 += 1 }
                    Self.fill(memory, 9)
                }
                #expect(kept?.memory.last == 9)
            }
        }
        for thread in threads { thread.join() }
        #expect(count.withLock { $0 } == 1)
    }

    @Test func refusesToWaitOnTheServingThread() throws {
        let cache = DecodedClusters(capacity: 1 << 20)
        _ = try cache.cluster(Self.cluster(1), waiting: true) { memory throws(ReadError) in
            Self.fill(memory, 1)
            #expect(throws: ReadError.self) {
                try cache.cluster(Self.cluster(1), waiting: false) { _ in Issue.record("decoded twice") }
            }
        }
        #expect(cache.find(Self.cluster(1)) != nil)
    }

    @Test func triesAgainAfterAFailure() throws {
        let cache = DecodedClusters(capacity: 1 << 20)
        #expect(throws: ReadError.self) {
            try cache.cluster(Self.cluster(1), waiting: true) { _ throws(ReadError) in throw .wouldBlock }
        }
        _ = try cache.cluster(Self.cluster(1), waiting: true) { Self.fill($0, 3) }
        #expect(cache.find(Self.cluster(1))?.memory.first == 3)
    }
}
