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

    @Test(arguments: [("", 1), ("0 1 a", 1), ("!\n0 0 a", 2), ("!\n\n1 18446744073709551615 a", 3), ("!\n0 1", 2)])
    func mistakesAreNamedWithTheirLine(text: String, line: Int) throws {
        let text = text.replacing("!", with: PrefetchList.heading)
        let error = #expect(throws: UsageError.self) { try PrefetchList.touches(text, path: "list") }
        guard case .configuration(_, let found, _)? = error else { return }
        #expect(found == line)
    }
}
