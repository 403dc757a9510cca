// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import Primitives
import Rafs

/// What a RAFS image and its blobs say of the chunks behind the device slots.
final class ChunkLookup: Sendable {
    /// The image.
    let image: RafsImage
    private let devices: [RafsDevice]
    /// The chunks of the image's own table by blob, once they were asked for.
    private let own = Locked<[Int: [ChunkFacts]]>([:])

    /// - Parameter devices: The device slots, in order, whose blobs may be asked for their tables.
    init(image: RafsImage, devices: [RafsDevice] = []) {
        self.image = image
        self.devices = devices
    }

    /// The chunks that have bytes in `range` of device `id`: from the blob's own tables, which are fetched if need be,
    /// or else from the image's table, which knows less.
    func chunks(ofDevice id: Int, in range: Range<UInt64>) throws(RafsError) -> [ChunkReport] {
        guard id > 0, id <= image.bootstrap.blobs.count else { return [] }
        if let table = table(ofDevice: id) { return table.facts(in: range).map { ChunkReport($0) } }
        return try ownFacts(of: image.bootstrap.blobs[id - 1]).lazy
            .drop { $0.range.upperBound <= range.lowerBound }.prefix { $0.range.lowerBound < range.upperBound }
            .map { ChunkReport($0) }
    }

    private func table(ofDevice id: Int) -> UnitTable? {
        guard id <= devices.count else { return nil }
        for units in devices[id - 1].units {
            let answer = Answer<Swift.Result<UnitTable, FetchError>>()
            units.table { answer.give($0) }
            if case .success(let table) = answer.wait() { return table }
        }
        return nil
    }

    private func ownFacts(of blob: BlobEntry) throws(RafsError) -> [ChunkFacts] {
        try own.withLock { (own) throws(RafsError) in
            if let facts = own[blob.index] { return facts }
            let facts = try image.bootstrap.facts(of: blob)
            own[blob.index] = facts
            return facts
        }
    }
}

/// One chunk, for people and programs.
struct ChunkReport: Encodable, Equatable {
    /// The chunk's index in its blob.
    var index: Int
    /// The plain bytes of the cookie that the chunk fills.
    var start: UInt64
    var length: UInt64
    /// The bytes of the blob that are fetched for it, if they are known.
    var remoteStart: UInt64?
    var remoteLength: UInt64?
    /// How the plain bytes are made from those.
    var encoding: String
    /// What they are held against.
    var digest: String?

    init(_ facts: ChunkFacts) {
        index = facts.index
        start = facts.range.lowerBound
        length = UInt64(facts.range.count)
        remoteStart = facts.remote?.lowerBound
        remoteLength = facts.remote.map { UInt64($0.count) }
        encoding = facts.encoding
        digest = facts.digest?.description
    }

    /// The line for people.
    var line: String {
        var line = "chunk \(index), \(start) + \(length): \(encoding)"
        if let remoteStart, let remoteLength { line += ", blob bytes \(remoteStart) + \(remoteLength)" }
        return line + (digest.map { ", \($0)" } ?? ", no digest")
    }
}
