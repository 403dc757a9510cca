// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch
import Primitives

/// A RAFS blob as its cookie sees it: plain bytes at plain offsets, fetched unit by unit, decoded and checked.
///
/// Its size is known from the image, so that asking for the identity only has to load the blob's tables. A failure to load
/// them is not kept: the next call tries again.
package final class UnitSource: BlobSource {
    private enum State {
        case idle
        case loading([UnitTableLoader.Completion])
        case loaded(UnitTable)
    }

    /// The name of the source of the data.
    package let name: String
    private let blob: BlobEntry
    private let chunkTable: ChunkTable
    private let data: any BlobSource
    private let info: any BlobSource
    private let crew: DecodingCrew
    private let meter = ByteMeter()
    private let kept: KeptTables?
    private let state = Locked(State.idle)

    /// - Parameters:
    ///   - data: The blob as it lies in the registry.
    ///   - info: The blob with its chunk info; the same blob unless that is separate.
    ///   - kept: Where the blob's tables are kept from mount to mount; nil for nowhere.
    init(
        _ blob: BlobEntry, chunkTable: ChunkTable, data: any BlobSource, info: any BlobSource, crew: DecodingCrew,
        kept: KeptTables? = nil
    ) {
        name = data.name
        self.blob = blob
        self.chunkTable = chunkTable
        self.data = MeteredSource(data, meter)
        self.info = MeteredSource(info, meter)
        self.crew = crew
        self.kept = kept
    }

    package var movedBytes: UInt64? { meter.bytes }

    package func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        let identity = BlobIdentity(size: blob.uncompressedSize, validator: blob.id)
        table { result in completion(result.map { _ in identity }) }
    }

    package func unitRange(covering range: Range<UInt64>) -> Range<UInt64> {
        let table: UnitTable? = state.withLock { state in
            if case .loaded(let table) = state { table } else { nil }
        }
        if let table { return table.widened(range) }
        // Units are not known yet, but they never begin or end inside a block.
        return range.lowerBound & ~4095..<(range.upperBound.roundedUp(to: 4096) ?? range.upperBound)
    }

    package func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        let read = UnitRead(data: data, target: target, priority: priority, crew: crew, completion: completion)
        guard identity.size == blob.uncompressedSize, range.upperBound <= blob.uncompressedSize else {
            read.end(.failure(.changed(source: name, reason: "the image says \(blob.uncompressedSize) bytes")))
            return read
        }
        table { result in
            switch result {
            case .failure(let error): read.end(.failure(error))
            case .success(let table): read.start(range, table)
            }
        }
        return read
    }

    package var knowsUnits: Bool {
        state.withLock { state in
            if case .loaded = state { true } else { false }
        }
    }

    /// Gives the blob's unit table, loading it first if need be; shared by all who ask meanwhile.
    package func table(_ completion: @escaping @Sendable (Result<UnitTable, FetchError>) -> Void) {
        let (table, mustLoad): (UnitTable?, Bool) = state.withLock { state in
            switch state {
            case .loaded(let table): return (table, false)
            case .loading(let waiting):
                state = .loading(waiting + [completion])
                return (nil, false)
            case .idle:
                state = .loading([completion])
                return (nil, true)
            }
        }
        if let table { return completion(.success(table)) }
        guard mustLoad else { return }
        UnitTableLoader(blob, table: chunkTable, source: info, crew: crew, kept: kept) { self.loaded($0) }.start()
    }

    private func loaded(_ result: Result<UnitTable, FetchError>) {
        let waiting: [UnitTableLoader.Completion] = state.withLock { state in
            guard case .loading(let waiting) = state else { return [] }
            if case .success(let table) = result { state = .loaded(table) } else { state = .idle }
            return waiting
        }
        for completion in waiting { completion(result) }
    }
}
