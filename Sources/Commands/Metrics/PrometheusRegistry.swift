// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Primitives
import Synchronization

/// Takes what the storeys count through swift-metrics, for the text that Prometheus reads.
///
/// Labels are taken for names as they are: they follow Prometheus's conventions already. What has the same label and
/// the same dimensions is one.
final class PrometheusRegistry: MetricsFactory {
    private struct Key: Hashable {
        let name: String
        let dimensions: [[String]]
    }

    private struct State {
        var counters: [Key: PrometheusCounter] = [:]
        var gauges: [Key: PrometheusGauge] = [:]
        var timers: [Key: PrometheusTimer] = [:]
    }

    private let state = Locked(State())

    /// What this process counts.
    static let shared = PrometheusRegistry()

    func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        state.withLock { Self.member(of: &$0.counters, label, dimensions) { PrometheusCounter() } }
    }

    func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        state.withLock { Self.member(of: &$0.gauges, label, dimensions) { PrometheusGauge() } }
    }

    func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        state.withLock { Self.member(of: &$0.timers, label, dimensions) { PrometheusTimer() } }
    }

    // Counters only grow: what nobody counts any more stays as it is.
    func destroyCounter(_ handler: any CounterHandler) {}
    func destroyRecorder(_ handler: any RecorderHandler) {}
    func destroyTimer(_ handler: any TimerHandler) {}

    /// Writes everything that was counted.
    func write(to text: inout PrometheusText) {
        let (counters, gauges, timers) = state.withLock { ($0.counters, $0.gauges, $0.timers) }
        for (key, counter) in Self.sorted(counters) {
            text.add(key.name, .counter, Self.pairs(key), counter.value)
        }
        for (key, gauge) in Self.sorted(gauges) { text.add(key.name, .gauge, Self.pairs(key), gauge.value) }
        for (key, timer) in Self.sorted(timers) { text.add(key.name, Self.pairs(key), timer.histogram.snapshot) }
    }

    private static func member<Handler>(
        of handlers: inout [Key: Handler], _ label: String, _ dimensions: [(String, String)], make: () -> Handler
    ) -> Handler {
        let key = Key(name: label, dimensions: dimensions.map { [$0.0, $0.1] })
        if let known = handlers[key] { return known }
        let new = make()
        handlers[key] = new
        return new
    }

    private static func pairs(_ key: Key) -> [(String, String)] { key.dimensions.map { ($0[0], $0[1]) } }

    private static func sorted<Handler>(_ handlers: [Key: Handler]) -> [(key: Key, value: Handler)] {
        handlers.sorted { left, right in
            left.key.name == right.key.name
                ? left.key.dimensions.lexicographicallyPrecedes(right.key.dimensions) {
                    $0.lexicographicallyPrecedes($1)
                }
                : left.key.name < right.key.name
        }
    }
}

/// A number that grows.
private final class PrometheusCounter: CounterHandler {
    private let count = Atomic<Int64>(0)

    var value: Double { Double(count.load(ordering: .relaxed)) }

    func increment(by amount: Int64) { count.wrappingAdd(amount, ordering: .relaxed) }

    func reset() { count.store(0, ordering: .relaxed) }
}

/// The last value of something.
private final class PrometheusGauge: RecorderHandler {
    private let bits = Atomic<UInt64>(0)

    var value: Double { Double(bitPattern: bits.load(ordering: .relaxed)) }

    func record(_ value: Int64) { record(Double(value)) }

    func record(_ value: Double) { bits.store(value.bitPattern, ordering: .relaxed) }
}

/// How long something took.
private final class PrometheusTimer: TimerHandler {
    let histogram = LatencyHistogram()

    func recordNanoseconds(_ duration: Int64) { histogram.add(nanoseconds: UInt64(clamping: duration)) }
}
