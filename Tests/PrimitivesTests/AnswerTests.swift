// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite struct AnswerTests {
    @Test func whatAnotherThreadGivesArrives() throws {
        let answer = Answer<Int?>()
        _ = try NamedThread("giver") { answer.give(nil) }
        #expect(answer.wait() == nil)
        #expect(answer.wait(until: .now) == .some(nil))
    }

    @Test func aPassedDeadlineGivesNothing() {
        #expect(Answer<Int>().wait(until: .now) == nil)
    }
}
