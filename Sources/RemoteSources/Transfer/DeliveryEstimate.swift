// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import Primitives

/// How much must be under way at a host to keep the link to it busy: its bandwidth times its round trip.
///
/// Anything more only queues up, and whoever asks next waits behind it. Measured as congestion control BBR does it: what
/// was delivered between a request's start and its end, and the shortest time to an answer. A value without a clock.
package struct DeliveryEstimate: Sendable {
    /// What a request remembers of its start.
    package struct Mark: Sendable {
        let sent: MonotonicTime
        let delivered: UInt64
        let isBusy: Bool
    }

    /// Rates and round trips that are remembered: what the link could do a while ago, it may not any more.
    private static let memory = 32

    private var delivered: UInt64 = 0
    /// Bytes a second.
    private var rates: [Double] = []
    /// Nanoseconds.
    private var roundTrips: [UInt64] = []

    /// Nothing is known yet.
    package init() {}

    /// The bytes that fill the link; nil until something was measured.
    package var product: UInt64? {
        guard let rate = rates.max(), let roundTrip = roundTrips.min() else { return nil }
        return UInt64(min(rate * Double(roundTrip) / 1e9, 1e15))
    }

    /// A request is sent.
    ///
    /// - Parameter isBusy: Whether more would be asked for if it might; otherwise a low rate says nothing of the link.
    package func sent(isBusy: Bool, now: MonotonicTime) -> Mark {
        Mark(sent: now, delivered: delivered, isBusy: isBusy)
    }

    /// The first of an answer has come.
    package mutating func answered(_ mark: Mark, now: MonotonicTime) {
        keep(now.nanoseconds &- mark.sent.nanoseconds, in: &roundTrips)
    }

    /// Bytes of some answer have come.
    package mutating func received(_ bytes: Int) { delivered &+= UInt64(bytes) }

    /// An answer has come to its end.
    package mutating func finished(_ mark: Mark, now: MonotonicTime) {
        let span = now.nanoseconds &- mark.sent.nanoseconds
        guard span > 0, delivered > mark.delivered else { return }
        let rate = Double(delivered - mark.delivered) * 1e9 / Double(span)
        if mark.isBusy || rate > rates.max() ?? 0 { keep(rate, in: &rates) }
    }

    private func keep<Value>(_ value: Value, in list: inout [Value]) {
        if list.count >= DeliveryEstimate.memory { list.removeFirst() }
        list.append(value)
    }
}
