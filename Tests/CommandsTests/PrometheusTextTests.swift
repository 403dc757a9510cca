// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CoreMetrics
import Primitives
import Testing

@testable import Commands

@Suite struct PrometheusTextTests {
    @Test func figuresOfOneNameStandTogether() {
        var text = PrometheusText(helps: ["a_total": "All a."])
        text.add("a_total", .counter, [("blob", "x\"\\\n")], 3)
        text.add("b", .gauge, [], 0.5)
        text.add("a_total", .counter, [("blob", "y")], 1e20)
        #expect(
            text.text == """
                # HELP a_total All a.
                # TYPE a_total counter
                a_total{blob="x\\"\\\\\\n"} 3
                a_total{blob="y"} 1e+20
                # TYPE b gauge
                b 0.5

                """)
    }

    @Test func aHistogramIsCumulative() {
        let times = LatencyHistogram()
        for microseconds: UInt64 in [0, 3, 3, 1000, 1 << 40] { times.add(nanoseconds: microseconds * 1000) }
        var text = PrometheusText(helps: [:])
        text.add("t_seconds", [("k", "v")], times.snapshot)
        let lines = text.text.split(separator: "\n").map(String.init)
        #expect(lines.first == "# TYPE t_seconds histogram")
        #expect(lines.contains("t_seconds_bucket{k=\"v\",le=\"1e-06\"} 1"))
        #expect(lines.contains("t_seconds_bucket{k=\"v\",le=\"4e-06\"} 3"))
        #expect(lines.contains("t_seconds_bucket{k=\"v\",le=\"0.001024\"} 4"))
        #expect(lines.contains("t_seconds_bucket{k=\"v\",le=\"+Inf\"} 5"))
        #expect(lines.contains("t_seconds_count{k=\"v\"} 5"))
        #expect(lines.contains { $0.hasPrefix("t_seconds_sum{k=\"v\"} 1099511.62") })
    }

    @Test func theRegistryCountsWhatHasOneLabelAsOne() {
        let registry = PrometheusRegistry()
        for amount: Int64 in [2, 3] {
            Counter(label: "a_total", dimensions: [("blob", "x")], factory: registry).increment(by: amount)
        }
        Counter(label: "a_total", dimensions: [("blob", "w")], factory: registry).increment()
        Timer(label: "t_seconds", factory: registry).recordNanoseconds(5_000_000_000)
        Gauge(label: "g", factory: registry).record(7)
        var text = PrometheusText(helps: [:])
        registry.write(to: &text)
        #expect(text.text.contains("a_total{blob=\"w\"} 1\na_total{blob=\"x\"} 5\n"))
        #expect(text.text.contains("t_seconds_sum 5.0\nt_seconds_count 1\n"))
        #expect(text.text.contains("# TYPE g gauge\ng 7\n"))
    }
}
