// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch
internal import Primitives

/// Lets the requests to one origin through: its circuit and its queue together; lives on the engine's thread.
final class HostGate: @unchecked Sendable {
    /// What a request that came to the gate is told.
    enum Passage: Sendable {
        case go(isProbe: Bool)
        case refused(String)
    }

    /// How an attempt ended, as far as the host is concerned.
    enum Outcome: Sendable {
        /// The host answered something, or the attempt says nothing about it.
        case fine
        /// The last attempt of a request found no host.
        case dead(String, took: UInt64)
        /// The request was withdrawn.
        case withdrawn
    }

    private struct Entry {
        var priority: FetchPriority
        let bytes: UInt64
        let pass: @Sendable (Passage) -> Void
    }

    private var circuit = Circuit()
    private var queue: HostQueue<ObjectIdentifier>
    private var entries: [ObjectIdentifier: Entry] = [:]
    private var waiting: [ObjectIdentifier] = []
    private var prober: ObjectIdentifier?
    private var delivery = DeliveryEstimate()

    /// Bytes that are asked for ahead of readers before anything is known of the link.
    private static let firstAllowance: UInt64 = 512 << 10

    /// A gate for `limit` requests at a time.
    init(limit: Int) { queue = HostQueue(limit: limit) }

    /// Whether the host is taken for dead.
    var isClosed: Bool { circuit.isOpen }

    /// Asks to pass; `pass` is called once, perhaps before this returns, unless the request leaves first.
    ///
    /// - Parameter bytes: What the request asks for.
    func enter(
        _ id: ObjectIdentifier, _ priority: FetchPriority, bytes: UInt64, _ pass: @escaping @Sendable (Passage) -> Void
    ) {
        entries[id] = Entry(priority: priority, bytes: bytes, pass: pass)
        admit(id)
        pump()
    }

    /// Somebody has come to wait for a request that entered.
    func hurry(_ id: ObjectIdentifier) {
        entries[id]?.priority = .foreground
        queue.hurry(id)
        pump()
    }

    /// A request that passed is sent now.
    func sent() -> DeliveryEstimate.Mark { delivery.sent(isBusy: queue.hasMoreAhead, now: .now) }

    /// The first of its answer has come.
    func answered(_ mark: DeliveryEstimate.Mark) {
        delivery.answered(mark, now: .now)
        answered()
    }

    /// Bytes of an answer have come.
    func received(_ bytes: Int) { delivery.received(bytes) }

    /// An answer has come whole.
    func finished(_ mark: DeliveryEstimate.Mark) { delivery.finished(mark, now: .now) }

    /// Hears from the host: it lives, whatever it said.
    private func answered() {
        guard circuit.isOpen else { return }
        circuit.answered()
        prober = nil
        readmit()
    }

    /// Ends the stay of a request that entered.
    func leave(_ id: ObjectIdentifier, _ outcome: Outcome) {
        let waited = entries.removeValue(forKey: id) != nil
        queue.remove(id)
        waiting.removeAll { $0 == id }
        switch outcome {
        case .fine: break
        case .dead(let reason, let took):
            circuit.failed(reason, took: took, now: .now)
            prober = nil
            refuseAll(reason)
        case .withdrawn: break
        }
        if prober == id, !waited {
            prober = nil
            circuit.abandoned(now: .now)
            readmit()
        }
        pump()
    }

    private func admit(_ id: ObjectIdentifier) {
        switch circuit.admit(now: .now) {
        case .pass: queue.enqueue(id, entries[id]?.priority ?? .background, bytes: entries[id]?.bytes ?? 0)
        case .wait: waiting.append(id)
        case .refuse(let reason): entries.removeValue(forKey: id)?.pass(.refused(reason))
        case .probe:
            prober = id
            entries.removeValue(forKey: id)?.pass(.go(isProbe: true))
        }
    }

    private func readmit() {
        let ids = waiting
        waiting = []
        for id in ids { admit(id) }
        pump()
    }

    private func refuseAll(_ reason: String) {
        let refused = entries
        entries = [:]
        waiting = []
        for (id, entry) in refused {
            queue.remove(id)
            entry.pass(.refused(reason))
        }
    }

    private func pump() {
        // Half of it more than fills the link, so that a faster link shows.
        let allowance = delivery.product.map { $0 + $0 / 2 } ?? HostGate.firstAllowance
        while let id = queue.next(allowance: allowance) { entries.removeValue(forKey: id)?.pass(.go(isProbe: false)) }
    }
}

/// The gates of all origins; lives on the engine's thread.
final class HostBoard: @unchecked Sendable {
    /// The gates of the process.
    static let shared = HostBoard()

    private var gates: [HTTPURL.Origin: HostGate] = [:]

    /// The gate of an origin; `limit` counts when the gate is made.
    func gate(for origin: HTTPURL.Origin, limit: Int) -> HostGate {
        if let gate = gates[origin] { return gate }
        let gate = HostGate(limit: limit)
        gates[origin] = gate
        return gate
    }
}
