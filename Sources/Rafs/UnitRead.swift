// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// One read of a RAFS blob under way: its units' remote ranges, merged into runs, one run after the other.
final class UnitRead: FetchHandle, @unchecked Sendable {
    /// Runs are merged up to this many remote bytes, and over holes of this many.
    private static let maximumRun = 4 << 20
    private static let maximumHole: UInt64 = 32 << 10

    /// Neighbouring units that are fetched together.
    struct Run: Equatable {
        /// The bytes of the blob to fetch.
        var remote: Range<UInt64>
        /// The units that are decoded from them.
        var units: [Unit]
    }

    private let data: any BlobSource
    private let target: any FetchTarget
    private let priority: FetchPriority
    private let crew: DecodingCrew
    private let completion: @Sendable (Result<Void, FetchError>) -> Void
    private let hasEnded = Locked(false)
    /// Passes on to the run under way.
    private let relay = HandleRelay()

    /// A read that has not begun.
    init(
        data: any BlobSource, target: any FetchTarget, priority: FetchPriority, crew: DecodingCrew,
        completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) {
        self.data = data
        self.target = target
        self.priority = priority
        self.crew = crew
        self.completion = completion
    }

    /// Gives the read up; the run under way is cancelled.
    func cancel() { relay.cancel() }

    func hurry() { relay.hurry() }

    /// Ends the read, unless it has ended already.
    func end(_ result: Result<Void, FetchError>) {
        let isFirst = hasEnded.withLock { hasEnded in
            defer { hasEnded = true }
            return !hasEnded
        }
        if isFirst { completion(result) }
    }

    /// Fetches and delivers `range`.
    func start(_ range: Range<UInt64>, _ table: UnitTable) {
        let delivery = UnitDelivery(table: table, wanted: range)
        do throws(RafsError) {
            let runs = Self.runs(try table.units(covering: range))
            data.identify { result in
                switch result {
                case .failure(let error): self.end(.failure(error))
                case .success(let identity): self.fetch(runs[...], identity, delivery)
                }
            }
        } catch {
            end(.failure(FetchError(error, from: data.name)))
        }
    }

    /// Merges units whose remote ranges touch, overlap or nearly touch.
    static func runs(_ units: [Unit]) -> [Run] {
        var runs: [Run] = []
        for unit in units {
            if let last = runs.last, unit.remote.lowerBound >= last.remote.lowerBound,
                unit.remote.lowerBound <= last.remote.upperBound + maximumHole,
                unit.remote.upperBound - last.remote.lowerBound <= UInt64(maximumRun)
            {
                let end = max(last.remote.upperBound, unit.remote.upperBound)
                runs[runs.count - 1].remote = last.remote.lowerBound..<end
                runs[runs.count - 1].units.append(unit)
            } else {
                runs.append(Run(remote: unit.remote, units: [unit]))
            }
        }
        return runs
    }

    private func fetch(_ runs: ArraySlice<Run>, _ identity: BlobIdentity, _ delivery: UnitDelivery) {
        guard let run = runs.first else { return end(.success(())) }
        if relay.isCancelled { return end(.failure(.cancelled)) }
        guard run.remote.upperBound <= identity.size else {
            return end(.failure(.badAnswer(source: data.name, reason: "the blob is too short")))
        }
        let handle = data.collect(run.remote, of: identity, priority: priority) { result in
            switch result {
            case .failure(let error): self.end(.failure(error))
            case .success(let bytes):
                self.crew.submit { decoder in
                    guard self.deliver(run, bytes, delivery, decoder) else { return }
                    self.fetch(runs.dropFirst(), identity, delivery)
                }
            }
        }
        relay.pass(on: handle)
    }

    /// Decodes the units of a run and hands them to the target; false when the read has ended with an error.
    private func deliver(
        _ run: Run, _ bytes: ReceivedBytes, _ delivery: UnitDelivery, _ decoder: ChunkDecoder
    ) -> Bool {
        let target = target
        do throws(DeliveryError<FetchError>) {
            for unit in run.units {
                let start = Int(unit.remote.lowerBound - run.remote.lowerBound)
                guard let remote = bytes.lend(start..<start + unit.remote.count) else { continue }
                if let count = try fill(unit, remote, delivery, decoder) {
                    target.filled(count)
                    continue
                }
                try delivery.deliver(unit, from: remote, with: decoder) { (plain) throws(FetchError) in
                    try target.receive(plain)
                }
            }
            return true
        } catch {
            switch error {
            case .rafs(let error): end(.failure(FetchError(error, from: data.name)))
            case .sink(let error): end(.failure(error))
            }
            return false
        }
    }

    private func fill(
        _ unit: Unit, _ remote: UnsafeRawBufferPointer, _ delivery: UnitDelivery, _ decoder: ChunkDecoder
    ) throws(DeliveryError<FetchError>) -> Int? {
        do throws(RafsError) {
            return try delivery.fill(unit, from: remote, with: decoder) { target.room(for: $0) }
        } catch {
            throw .rafs(error)
        }
    }
}
