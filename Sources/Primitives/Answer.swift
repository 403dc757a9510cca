// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// One value that a thread gives and another waits for.
package final class Answer<Value: Sendable>: Sendable {
    private let value = Locked<Value?>(nil)
    private let changed = Condition()

    package init() {}

    /// Gives the value, and wakes who waits; never blocks.
    package func give(_ value: Value) {
        self.value.withLock { $0 = value }
        changed.broadcast()
    }

    /// Waits for the value, without limit.
    package func wait() -> Value {
        value.withLock(waitingOn: changed) { value, waiter in
            while true {
                if let value { return value }
                waiter.wait(for: &value)
            }
        }
    }

    /// Waits for the value until `deadline`; nil when it has not come by then.
    package func wait(until deadline: MonotonicTime) -> Value? {
        value.withLock(waitingOn: changed) { value, waiter in
            while value == nil, waiter.wait(for: &value, until: deadline) {}
            return value
        }
    }
}
