// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch

/// Gets a blob's own tables, and builds the unit table: from where they are kept, or from the blob's tail or meta blob.
///
/// The latter takes two or three reads: the table of contents where there is one, the chunk info with its header, the
/// digest array.
final class UnitTableLoader: Sendable {
    typealias Completion = @Sendable (Result<UnitTable, FetchError>) -> Void

    private let blob: BlobEntry
    private let table: ChunkTable
    private let source: any BlobSource
    private let crew: DecodingCrew
    private let kept: KeptTables?
    private let completion: Completion

    /// - Parameters:
    ///   - source: What holds the chunk info: the blob itself or its meta blob.
    ///   - kept: Where the tables may be already, and are put when they have come; nil for nowhere.
    init(
        _ blob: BlobEntry, table: ChunkTable, source: any BlobSource, crew: DecodingCrew, kept: KeptTables? = nil,
        completion: @escaping Completion
    ) {
        self.blob = blob
        self.table = table
        self.source = source
        self.crew = crew
        self.kept = kept
        self.completion = completion
    }

    /// Begins; the completion comes once.
    func start() {
        guard let kept else { return identify() }
        crew.submit { _ in
            // Whatever is wrong with what is kept, the source has it right.
            if let units = try? kept.tables()?.units(of: self.blob, self.table) {
                self.completion(.success(units))
            } else {
                self.identify()
            }
        }
    }

    private func identify() {
        source.identify { result in
            switch result {
            case .success(let identity): self.readContents(identity)
            case .failure(let error): self.completion(.failure(error))
            }
        }
    }

    private func readContents(_ identity: BlobIdentity) {
        guard blob.features.contains(.hasTableOfContents) else { return readInfo(identity, BlobTables()) }
        let known = BlobTables.knowsContents(of: blob)
        let size = min(identity.size, UInt64(known ? blob.tableOfContentsSize : TableOfContents.maximumSize))
        fetch(identity.size - size..<identity.size, identity) { loader, bytes throws(RafsError) in
            loader.readInfo(identity, BlobTables(contents: bytes))
        }
    }

    private func readInfo(_ identity: BlobIdentity, _ tables: BlobTables) {
        let count = UInt64(blob.chunkInfoCompressedSize + ChunkInfoHeader.byteCount)
        fetch(blob.chunkInfoOffset..<blob.chunkInfoOffset + count, identity) { loader, bytes throws(RafsError) in
            var tables = tables
            tables.info = bytes
            try loader.readDigests(identity, tables)
        }
    }

    private func readDigests(_ identity: BlobIdentity, _ tables: BlobTables) throws(RafsError) {
        let contents = try BlobTables.contents(tables.contents, of: blob)
        let info = try ChunkInfoSection(tables.info, for: blob, contents)
        guard let section = try BlobTables.digestSection(contents, info, of: blob) else {
            return try finish(tables, info)
        }
        fetch(section.remote, identity) { loader, bytes throws(RafsError) in
            var tables = tables
            tables.digests = bytes
            try loader.finish(tables, info)
        }
    }

    private func finish(_ tables: BlobTables, _ info: ChunkInfoSection) throws(RafsError) {
        let units = try tables.units(of: blob, table, decoded: info)
        kept?.keep(tables)
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
