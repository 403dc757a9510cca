// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests

/// Reads a blob's own tables from its tail, or from its meta blob, and builds the unit table.
///
/// Two or three reads: the table of contents where there is one, the chunk info with its header, the digest array.
final class UnitTableLoader: Sendable {
    typealias Completion = @Sendable (Result<UnitTable, FetchError>) -> Void

    private let blob: BlobEntry
    private let table: ChunkTable
    private let source: any BlobSource
    private let crew: DecodingCrew
    private let completion: Completion

    /// - Parameter source: What holds the chunk info: the blob itself or its meta blob.
    init(
        _ blob: BlobEntry, table: ChunkTable, source: any BlobSource, crew: DecodingCrew,
        completion: @escaping Completion
    ) {
        self.blob = blob
        self.table = table
        self.source = source
        self.crew = crew
        self.completion = completion
    }

    func start() {
        source.identify { result in
            switch result {
            case .success(let identity): self.readContents(identity)
            case .failure(let error): self.completion(.failure(error))
            }
        }
    }

    private func readContents(_ identity: BlobIdentity) {
        guard blob.features.contains(.hasTableOfContents) else { return readInfo(identity, nil) }
        let known = blob.tableOfContentsDigest != nil && blob.tableOfContentsSize > 0
        let size = min(identity.size, UInt64(known ? blob.tableOfContentsSize : TableOfContents.maximumSize))
        fetch(identity.size - size..<identity.size, identity) { loader, bytes throws(RafsError) in
            let contents = try TableOfContents(tail: bytes, digest: known ? loader.blob.tableOfContentsDigest : nil)
            loader.readInfo(identity, contents)
        }
    }

    private func readInfo(_ identity: BlobIdentity, _ contents: TableOfContents?) {
        let count = UInt64(blob.chunkInfoCompressedSize + ChunkInfoHeader.byteCount)
        fetch(blob.chunkInfoOffset..<blob.chunkInfoOffset + count, identity) { loader, bytes throws(RafsError) in
            let info = try ChunkInfoSection(bytes, for: loader.blob, contents)
            try loader.readDigests(identity, contents, info)
        }
    }

    private func readDigests(
        _ identity: BlobIdentity, _ contents: TableOfContents?, _ info: ChunkInfoSection
    ) throws(RafsError) {
        guard blob.features.contains(.inlinedChunkDigest), info.header.count > 0 else { return try finish(info, nil) }
        guard let section = contents?.section("blob.digest"), section.codec == .none,
            section.remote.count == info.header.count * Digest.byteCount
        else { throw .damaged(.tableOfContents, field: "blob.digest", value: UInt64(info.header.count)) }
        fetch(section.remote, identity) { loader, bytes throws(RafsError) in
            try section.check(bytes, .digestArray)
            try loader.finish(info, bytes)
        }
    }

    private func finish(_ info: ChunkInfoSection, _ digests: [UInt8]?) throws(RafsError) {
        let units = try UnitTable(blob, plain: info.plain, header: info.header, digests: digests, table: table)
        completion(.success(units))
    }

    /// Reads `range` and runs `next` on a decoding thread; any error ends the loading.
    private func fetch(
        _ range: Range<UInt64>, _ identity: BlobIdentity,
        _ next: @escaping @Sendable (UnitTableLoader, [UInt8]) throws(RafsError) -> Void
    ) {
        guard range.upperBound <= identity.size else {
            return completion(.failure(.badAnswer(source: source.name, reason: "the blob is too short")))
        }
        let name = source.name
        _ = source.collect(range, of: identity) { result in
            switch result {
            case .failure(let error): self.completion(.failure(error))
            case .success(let bytes):
                self.crew.submit { _ in
                    do throws(RafsError) { try next(self, bytes.copy) } catch {
                        self.completion(.failure(FetchError(error, from: name)))
                    }
                }
            }
        }
    }
}

extension FetchError {
    /// What a wrong table or chunk means to who asked for bytes.
    init(_ error: RafsError, from source: String) {
        switch error {
        case .digestMismatch, .undecodable: self = .digestMismatch(source: source, reason: error.description)
        default: self = .badAnswer(source: source, reason: error.description)
        }
    }
}
