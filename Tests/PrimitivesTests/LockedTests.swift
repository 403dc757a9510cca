// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite struct LockedTests {
    @Test func waitersWakeAndDeadlinesPass() throws {
        let value = Locked(0)
        let changed = Condition()
        let thread = try NamedThread("setter") {
            value.withLock { $0 = 7 }
            changed.broadcast()
        }
        let seen = value.withLock(waitingOn: changed) { value, waiter in
            while value == 0 { waiter.wait(for: &value) }
            return value
        }
        thread.join()
        #expect(seen == 7)
        let inTime = value.withLock(waitingOn: changed) { value, waiter in
            waiter.wait(for: &value, until: MonotonicTime.now.advanced(milliseconds: 5))
        }
        #expect(!inTime)
    }

    @Test func systemErrorsNameCallAndObject() {
        #expect(SystemError("open", on: "/x", code: 2).description == "/x: open: No such file or directory")
        #expect(throws: SystemError.self) { try Descriptor.open("/does/not/exist", 0) }
    }
}
