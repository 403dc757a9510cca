// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The fetches of one blob that are under way: a value without threads, guarded by its blob's lock.
///
/// No byte is in two flights at once: a range is cut into what is under way already and what must be started.
struct FlightTable {
    /// One fetch under way.
    struct Flight: Sendable {
        let range: Range<UInt64>
        /// Hurries what is fetched.
        let relay = HandleRelay()

        init(_ range: Range<UInt64>) { self.range = range }
    }

    private struct Entry {
        let flight: Flight
        var waiters: [Wait] = []
    }

    /// Somebody who waits for a flight, and the bytes that are wanted of it.
    struct Wait {
        let ticket: Ticket
        let wanted: Range<UInt64>
        /// The file that the bytes are for, for those who watch.
        var inode: UInt64 = 0
    }

    private var entries: [Entry] = []

    /// What is under way.
    var flights: [Flight] { entries.map(\.flight) }

    /// Adds `wait` to every flight that has a part of `range`, and makes flights for the rest.
    ///
    /// - Returns: The new flights, none longer than `longest`, and those that were under way and are waited for now.
    mutating func join(
        _ range: Range<UInt64>, _ wait: Wait?, longest: UInt64
    ) -> (started: [Flight], joined: [Flight]) {
        var started: [Flight] = []
        var joined: [Flight] = []
        var position = range.lowerBound
        let underWay = entries.indices.filter { entries[$0].flight.range.overlaps(range) }
            .sorted { entries[$0].flight.range.lowerBound < entries[$1].flight.range.lowerBound }
        for index in underWay {
            let flight = entries[index].flight
            if position < flight.range.lowerBound {
                started += start(position..<flight.range.lowerBound, wait, longest)
            }
            if add(wait, to: index) { joined.append(flight) }
            position = max(position, flight.range.upperBound)
        }
        if position < range.upperBound { started += start(position..<range.upperBound, wait, longest) }
        return (started, joined)
    }

    /// Takes a flight that has ended out of the table.
    ///
    /// - Returns: Those who waited for it.
    mutating func land(_ range: Range<UInt64>) -> [Wait] {
        guard let index = entries.firstIndex(where: { $0.flight.range == range }) else { return [] }
        return entries.remove(at: index).waiters
    }

    private mutating func start(_ range: Range<UInt64>, _ wait: Wait?, _ longest: UInt64) -> [Flight] {
        var result: [Flight] = []
        var position = range.lowerBound
        while position < range.upperBound {
            let end = range.upperBound - position <= longest ? range.upperBound : position + longest
            let flight = Flight(position..<end)
            entries.append(Entry(flight: flight))
            _ = add(wait, to: entries.count - 1)
            result.append(flight)
            position = end
        }
        return result
    }

    /// - Returns: Whether the flight is waited for by this wait.
    private mutating func add(_ wait: Wait?, to index: Int) -> Bool {
        // What only the window wants, nobody waits for.
        guard let wait, wait.wanted.overlaps(entries[index].flight.range) else { return false }
        wait.ticket.expect()
        entries[index].waiters.append(wait)
        return true
    }
}
