// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import EROFS
import Primitives

/// Fetches what a read found missing, so that the read can be done again.
package struct ByteProvider: Sendable {
    let devices: DeviceSet
    let mirror: MetadataMirror?

    /// Bytes of the aligned window that is fetched for missing metadata.
    static let metadataWindow: UInt64 = 64 << 10

    /// Starts fetching all pieces of `missing`, in parallel.
    ///
    /// - Parameters:
    ///   - inode: For which file, for those who watch the cache.
    ///   - completion: Called exactly once, on the thread of a fetch (or at once, when everything has arrived meanwhile),
    ///     with the first error or nil. It must not block.
    /// - Returns: A ticket whose `cancel()` gives up waiting; the completion then comes with `.cancelled`.
    package func provide(
        _ missing: MissingBytes, inode: UInt64 = 0, _ completion: @escaping @Sendable (ReadError?) -> Void
    ) -> ProvideTicket {
        let ticket = ProvideTicket(pieces: missing.pieces.count, completion)
        for piece in missing.pieces {
            let arrived: @Sendable (FetchError?) -> Void = { error in
                ticket.pieceArrived(error.map { .fetch($0) } ?? settle(piece))
            }
            guard let blob = blob(of: piece.place) else {
                ticket.pieceArrived(nil)
                continue
            }
            if let part = blob.ensure(wanted(piece).clamped(to: 0..<blob.size), inode: inode, arrived) {
                ticket.add(part)
            } else {
                arrived(nil)
            }
        }
        return ticket
    }

    /// The bytes to fetch for a piece: of metadata a larger window.
    ///
    /// The inodes of a directory and those of its neighbours lie together, and a path is looked up one name after the
    /// other: what one round trip brings along saves several.
    private func wanted(_ piece: MissingBytes.Piece) -> Range<UInt64> {
        guard piece.place == .metadata else { return piece.range }
        let window = ByteProvider.metadataWindow
        let (end, overflow) = piece.range.upperBound.addingReportingOverflow(window - 1)
        return piece.range.lowerBound / window * window..<(overflow ? piece.range.upperBound : end / window * window)
    }

    /// Starts fetching all pieces of `missing` for readers to come.
    func fetchAhead(_ missing: MissingBytes) {
        for piece in missing.pieces { blob(of: piece.place)?.fetchAhead(piece.range) }
    }

    /// Fetches `missing` and waits for it; for commands and for the start of a mount, never for the serving thread.
    package func provideAndWait(_ missing: MissingBytes) throws(ReadError) {
        let outcome = Answer<ReadError?>()
        _ = provide(missing) { outcome.give($0) }
        if let error = outcome.wait() { throw error }
    }

    /// Does `body` again and again, fetching what it misses in between, until it gives a result or fails.
    ///
    /// For commands and workers that may wait for the network.
    package func settling<Result>(_ body: () throws(ReadError) -> Result) throws(ReadError) -> Result {
        var repeated = RepeatedMiss()
        while true {
            do throws(ReadError) {
                return try body()
            } catch {
                guard case .missing(let missing) = error else { throw error }
                try repeated.note(missing)
                try provideAndWait(missing)
            }
        }
    }

    private func blob(of place: MissingBytes.Place) -> Blob? {
        let id = if case .device(let id) = place { id } else { 0 }
        guard id >= 0, id < devices.devices.count, case .blob(let blob) = devices.devices[id] else { return nil }
        return blob
    }

    /// Moves metadata that has arrived in the cache into the mirror.
    private func settle(_ piece: MissingBytes.Piece) -> ReadError? {
        guard piece.place == .metadata, let mirror else { return nil }
        do throws(ReadError) {
            try mirror.copy(piece.range)
            return nil
        } catch {
            return error
        }
    }
}

/// Notices a read that goes on missing the same bytes although they were provided, so that no loop is endless.
package struct RepeatedMiss: Sendable {
    private var last: MissingBytes?
    private var count = 0

    /// Under a tight budget bytes may be taken back between fetch and read; this many times in a row is no accident.
    static let limit = 16

    package init() {}

    /// Throws when the same bytes were missing too often in a row.
    package mutating func note(_ missing: MissingBytes) throws(ReadError) {
        count = missing == last ? count + 1 : 0
        last = missing
        guard count < RepeatedMiss.limit else {
            throw .fetch(.badAnswer(source: "cache", reason: "bytes that were fetched do not stay in the cache"))
        }
    }
}
