// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The fetches of one blob that are under way: a value without threads, guarded by its blob's lock.
///
/// No byte is in two flights at once: a range is cut into what is under way already and what must be started.
struct FlightTable {
    /// One fetch under way.
    final class Flight {
        let range: Range<UInt64>
        var waiters: [Wait] = []

        init(_ range: Range<UInt64>) { self.range = range }
    }

    /// Somebody who waits for a flight, and the bytes that are wanted of it.
    struct Wait {
        let ticket: Ticket
        let wanted: Range<UInt64>
        /// The file that the bytes are for, for those who watch.
        var inode: UInt64 = 0
    }

    private(set) var flights: [Flight] = []

    /// Adds `wait` to every flight that has a part of `range`, and makes flights for the rest.
    ///
    /// - Returns: The ranges of the new flights, none longer than `longest`.
    mutating func join(_ range: Range<UInt64>, _ wait: Wait?, longest: UInt64) -> [Range<UInt64>] {
        var started: [Range<UInt64>] = []
        var position = range.lowerBound
        let underWay = flights.filter { $0.range.overlaps(range) }.sorted { $0.range.lowerBound < $1.range.lowerBound }
        for flight in underWay {
            if position < flight.range.lowerBound {
                started += start(position..<flight.range.lowerBound, wait, longest)
            }
            add(wait, to: flight)
            position = max(position, flight.range.upperBound)
        }
        if position < range.upperBound { started += start(position..<range.upperBound, wait, longest) }
        return started
    }

    /// Takes a flight that has ended out of the table.
    ///
    /// - Returns: Those who waited for it.
    mutating func land(_ range: Range<UInt64>) -> [Wait] {
        guard let index = flights.firstIndex(where: { $0.range == range }) else { return [] }
        return flights.remove(at: index).waiters
    }

    private mutating func start(_ range: Range<UInt64>, _ wait: Wait?, _ longest: UInt64) -> [Range<UInt64>] {
        var result: [Range<UInt64>] = []
        var position = range.lowerBound
        while position < range.upperBound {
            let end = range.upperBound - position <= longest ? range.upperBound : position + longest
            let flight = Flight(position..<end)
            flights.append(flight)
            add(wait, to: flight)
            result.append(flight.range)
            position = end
        }
        return result
    }

    private func add(_ wait: Wait?, to flight: Flight) {
        // What only the window wants, nobody waits for.
        guard let wait, wait.wanted.overlaps(flight.range) else { return }
        wait.ticket.expect()
        flight.waiters.append(wait)
    }
}
