// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Commands

@Suite struct PrintableTests {
    @Test func controlCharactersAreWrittenOut() {
        #expect("plain näme".printable == "plain näme")
        #expect("a\u{1B}[31m\nb\u{7F}\u{85}".printable == "a\\x1b[31m\\x0ab\\x7f\\x85")
    }
}
