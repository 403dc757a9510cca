// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A value behind a POSIX mutex.
///
/// `Synchronization.Mutex` would do, but ThreadSanitizer does not understand it on Linux, and it costs more than twice as
/// much. The lock is not recursive; keep what runs under it short, and never call out to a completion while holding it.
package final class Locked<Value: ~Copyable>: @unchecked Sendable {
    /// Allocated, because a POSIX mutex must not move.
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    package init(_ value: consuming sending Value) {
        mutex = .allocate(capacity: 1)
        pthread_mutex_init(mutex, nil)
        self.value = value
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deallocate()
    }

    /// Runs `body` with exclusive access to the value.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }

    /// Runs `body` under the lock, giving it a means to wait for `condition` (which releases the lock meanwhile).
    ///
    /// While it waits, other threads change the value: see ``Waiter/wait(for:)``.
    package func withLock<Result: ~Copyable, Failure: Error>(
        waitingOn condition: Condition, _ body: (inout sending Value, Waiter) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value, Waiter(mutex: mutex, condition: condition))
    }
}

/// A POSIX condition variable on the monotonic clock, for use with ``Locked``.
package final class Condition: @unchecked Sendable {
    fileprivate let raw: UnsafeMutablePointer<pthread_cond_t>

    package init() {
        raw = .allocate(capacity: 1)
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        pthread_cond_init(raw, &attributes)
        pthread_condattr_destroy(&attributes)
    }

    deinit {
        pthread_cond_destroy(raw)
        raw.deallocate()
    }

    /// Wakes one waiting thread.
    package func signal() { pthread_cond_signal(raw) }

    /// Wakes every waiting thread.
    package func broadcast() { pthread_cond_broadcast(raw) }
}

/// The right to wait, given to a body that runs under a lock.
package struct Waiter {
    fileprivate let mutex: UnsafeMutablePointer<pthread_mutex_t>
    fileprivate let condition: Condition

    /// Sleeps until the condition is signalled; may also wake for no reason, so callers check `value` again.
    ///
    /// `value` is what the lock guards. It is handed to the C library's side, because the compiler otherwise takes it for
    /// ours alone, keeps what it read before the wait, and never sees what another thread wrote.
    package func wait<Value: ~Copyable>(for value: inout Value) {
        withUnsafeMutablePointer(to: &value) { _ = clinux_condition_wait(condition.raw, mutex, $0) }
    }

    /// Sleeps until the condition is signalled or the monotonic clock reaches `deadline`.
    ///
    /// - Returns: False when the deadline passed.
    package func wait<Value: ~Copyable>(for value: inout Value, until deadline: MonotonicTime) -> Bool {
        var when = timespec(
            tv_sec: Int(deadline.nanoseconds / 1_000_000_000), tv_nsec: Int(deadline.nanoseconds % 1_000_000_000))
        return withUnsafeMutablePointer(to: &value) {
            clinux_condition_timed_wait(condition.raw, mutex, &when, $0) != ETIMEDOUT
        }
    }
}
