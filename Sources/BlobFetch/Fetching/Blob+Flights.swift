// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Primitives

// A flight: claim the range, look again, fetch what is missing, store it, tell those who wait.
extension Blob {
    /// Why a part of a flight's range did not come.
    struct Failure {
        let range: Range<UInt64>
        let error: FetchError

        var isWrongDigest: Bool { if case .digestMismatch = error { true } else { false } }
    }

    /// How urgent a flight's fetches are, and what hurries them.
    private typealias Urgency = (priority: FetchPriority, relay: HandleRelay)

    func start(_ flight: FlightTable.Flight, _ priority: FetchPriority) {
        guard !attempt(flight, priority, isLate: false) else { return }
        peers.add { [self] isLate in attempt(flight, priority, isLate: isLate) }
    }

    /// Fetches what is missing of a flight's range, unless another process is about to.
    ///
    /// - Parameter isLate: Whether others have had time enough: then the bytes are fetched, be they fetched twice.
    /// - Returns: False when the flight must be attempted again.
    private func attempt(_ flight: FlightTable.Flight, _ priority: FetchPriority, isLate: Bool) -> Bool {
        let range = flight.range
        let isClaimed = cookie.claim(range)
        let missing = cookie.missing(in: range)
        guard let first = missing.first, let last = missing.last else {
            if isClaimed { cookie.release(range) }
            land(range, [])
            return true
        }
        guard isClaimed || isLate else { return false }
        // The holder of the claim before may have stored a part; what lies between two holes is not worth two requests.
        let hull = wholeUnits(covering: first.lowerBound..<last.upperBound).clamped(to: range)
        fetch(hull, (priority, flight.relay)) { [self] failures in
            if isClaimed { cookie.release(range) }
            land(range, failures)
        }
        return true
    }

    private func land(_ flight: Range<UInt64>, _ failures: [Failure]) {
        let waits = state.withLock { $0.flights.land(flight) }
        for wait in waits {
            let failure = failures.first { $0.range.overlaps(wait.wanted) }
            let wanted = wait.wanted.clamped(to: flight)
            if failure == nil {
                cookie.noteFilled(wanted)
            } else {
                cookie.tellMiss(wanted, .invalidRead, .ondemand, inode: wait.inode)
            }
            wait.ticket.arrived(failure?.error)
        }
        if failures.isEmpty { checkIfWhole() }
    }

    /// Fetches a range; units with a wrong digest are fetched once more.
    private func fetch(
        _ range: Range<UInt64>, _ urgency: Urgency, _ completion: @escaping @Sendable ([Failure]) -> Void
    ) {
        fetchOnce(range, urgency) { [self] failures in
            let wrong = failures.filter(\.isWrongDigest).map(\.range)
            for range in wrong {
                tellWrongDigest(range)
                report(.wrongDigest(blob: name, range: range))
            }
            fetchAgain(wrong[...], urgency, failures.filter { !$0.isWrongDigest }, completion)
        }
    }

    /// Fetches one unit after the other, and adds what fails to `failures`.
    private func fetchAgain(
        _ units: ArraySlice<Range<UInt64>>, _ urgency: Urgency, _ failures: [Failure],
        _ completion: @escaping @Sendable ([Failure]) -> Void
    ) {
        guard let unit = units.first else { return completion(failures) }
        fetchOnce(unit, urgency) { [self] more in
            for failure in more where failure.isWrongDigest { failed(failure) }
            fetchAgain(units.dropFirst(), urgency, failures + more, completion)
        }
    }

    private func fetchOnce(
        _ range: Range<UInt64>, _ urgency: Urgency, _ completion: @escaping @Sendable ([Failure]) -> Void
    ) {
        let begin = MonotonicTime.now
        let message = tellFetch(range, urgency.priority)
        sources.read(
            range, size: size, validator: validator, priority: urgency.priority, relay: urgency.relay
        ) { [self] result in
            let failures = store(range, result, begin)
            tellFetched(range, message, since: begin, failures.first?.error)
            completion(failures)
        }
    }

    /// Puts what has arrived into the cache, or keeps it beside the cache when that is full.
    private func store(
        _ range: Range<UInt64>, _ result: Result<FlightTarget, FetchError>, _ begin: MonotonicTime
    ) -> [Failure] {
        do throws(FetchError) {
            let target = try result.get()
            let bytes = try target.whole()
            statistics.fetched(UInt64(bytes.count), nanoseconds: MonotonicTime.now.nanoseconds &- begin.nanoseconds)
            return keepRight(bytes, range)
        } catch {
            let failure = Failure(range: range, error: error)
            failed(failure)
            return [failure]
        }
    }

    private func failed(_ failure: Failure) {
        statistics.failed()
        report(.failed(blob: name, range: failure.range, failure.error))
    }

    /// Keeps the units that have their digest.
    ///
    /// - Returns: A failure for each of the others.
    private func keepRight(_ bytes: UnsafeRawBufferPointer, _ range: Range<UInt64>) -> [Failure] {
        let wrong = digests?.wrongUnits(bytes, of: range) ?? []
        var start = range.lowerBound
        for unit in wrong + [range.upperBound..<range.upperBound] {
            let right = Int(start - range.lowerBound)..<Int(unit.lowerBound - range.lowerBound)
            if !right.isEmpty { keep(UnsafeRawBufferPointer(rebasing: bytes[right]), start..<unit.lowerBound) }
            start = unit.upperBound
        }
        let reason = "a unit of \(digests?.unit ?? 0) bytes is not what the list of digests says"
        return wrong.map { Failure(range: $0, error: .digestMismatch(source: name, reason: reason)) }
    }
}
