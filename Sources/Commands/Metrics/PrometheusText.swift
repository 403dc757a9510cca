// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Figures in the text format of Prometheus, version 0.0.4.
struct PrometheusText {
    /// The kinds of figures.
    enum Kind: String {
        case counter, gauge, histogram
    }

    private var families: [(name: String, kind: Kind, lines: [String])] = []
    private let helps: [String: String]

    /// - Parameter helps: A sentence for each name.
    init(helps: [String: String]) { self.helps = helps }

    /// Adds a figure; those of one name stand together.
    mutating func add(_ name: String, _ kind: Kind, _ labels: [(String, String)] = [], _ value: Double) {
        append([name + Self.text(labels) + " " + Self.number(value)], to: name, kind)
    }

    /// Adds how long something took, in seconds, with a bucket for each power of four of a microsecond.
    mutating func add(_ name: String, _ labels: [(String, String)] = [], _ times: LatencyHistogram.Snapshot) {
        var lines: [String] = []
        var sum: UInt64 = 0
        for (index, count) in times.counts.enumerated() {
            sum &+= count
            guard index % 2 == 0, index + 1 < times.counts.count else { continue }
            let limit = Double(UInt64(1) << UInt64(index)) / 1_000_000
            lines.append("\(name)_bucket\(Self.text(labels + [("le", "\(limit)")])) \(sum)")
        }
        lines.append("\(name)_bucket\(Self.text(labels + [("le", "+Inf")])) \(times.count)")
        lines.append("\(name)_sum\(Self.text(labels)) \(Double(times.nanoseconds) / 1_000_000_000)")
        lines.append("\(name)_count\(Self.text(labels)) \(times.count)")
        append(lines, to: name, .histogram)
    }

    /// The whole text.
    var text: String {
        families.reduce(into: "") { result, family in
            if let help = helps[family.name] { result += "# HELP \(family.name) \(help)\n" }
            result += "# TYPE \(family.name) \(family.kind.rawValue)\n"
            for line in family.lines { result += line + "\n" }
        }
    }

    private mutating func append(_ lines: [String], to name: String, _ kind: Kind) {
        if let index = families.firstIndex(where: { $0.name == name }) {
            families[index].lines += lines
        } else {
            families.append((name, kind, lines))
        }
    }

    private static func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e15 ? String(Int64(value)) : String(value)
    }

    private static func text(_ labels: [(String, String)]) -> String {
        labels.isEmpty ? "" : "{" + labels.map { "\($0.0)=\"\(escaped($0.1))\"" }.joined(separator: ",") + "}"
    }

    /// Names come from images: the three characters that mean something in a value are written out.
    private static func escaped(_ value: String) -> String {
        value.reduce(into: "") { result, character in
            switch character {
            case "\\": result += "\\\\"
            case "\"": result += "\\\""
            case "\n": result += "\\n"
            default: result.append(character)
            }
        }
    }
}
