// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Testing

@testable import Commands

@Suite struct PrefetchListTests {
    @Test func aListIsReadAsItWasWritten() throws {
        let touches = [
            Touch(blob: "a blob", range: 4096..<8192), Touch(blob: "b", range: 0..<1),
            Touch(blob: "a blob", range: 0..<16384),
        ]
        #expect(try PrefetchList.touches(PrefetchList.text(touches), path: "list") == touches)
        #expect(try PrefetchList.touches(PrefetchList.heading, path: "list").isEmpty)
    }

    @Test func neighboursAreFetchedTogetherInTheOrderOfTheirFirst() {
        func touch(_ blob: String, _ start: UInt64, _ end: UInt64) -> Touch { Touch(blob: blob, range: start..<end) }
        let gap = PrefetchList.widestGap
        let merged = PrefetchList.merged([
            touch("b", 500_000, 500_100), touch("a", 0, 10), touch("b", 100, 200), touch("a", 5, 20),
            touch("b", 200 + gap, 300 + gap), touch("b", 301 + 2 * gap, 302 + 2 * gap),
        ])
        #expect(
            merged == [
                touch("b", 500_000, 500_100), touch("a", 0, 20), touch("b", 100, 300 + gap),
                touch("b", 301 + 2 * gap, 302 + 2 * gap),
            ])
        let many = (0..<100).map { touch("a", UInt64($0) * 1_000_000, UInt64($0) * 1_000_000 + 1) }
        #expect(PrefetchList.merged(many) == many)
    }

    @Test(arguments: [("", 1), ("0 1 a", 1), ("!\n0 0 a", 2), ("!\n\n1 18446744073709551615 a", 3), ("!\n0 1", 2)])
    func mistakesAreNamedWithTheirLine(text: String, line: Int) throws {
        let text = text.replacing("!", with: PrefetchList.heading)
        let error = #expect(throws: UsageError.self) { try PrefetchList.touches(text, path: "list") }
        guard case .configuration(_, let found, _)? = error else { return }
        #expect(found == line)
    }
}
