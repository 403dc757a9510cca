// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One object for each thread that asks, made at the first call and released when the thread ends.
///
/// To be kept in a static property: the values of a destroyed one stay until their threads end.
package final class PerThread<Value: AnyObject>: @unchecked Sendable {
    /// Nil when the process has no thread-specific keys left; then every call makes a new object.
    private let key: pthread_key_t?
    private let make: @Sendable () -> Value

    package init(_ make: @escaping @Sendable () -> Value) {
        var key = pthread_key_t()
        let code = pthread_key_create(&key) { pointer in
            if let pointer { Unmanaged<AnyObject>.fromOpaque(pointer).release() }
        }
        self.key = code == 0 ? key : nil
        self.make = make
    }

    deinit { if let key { pthread_key_delete(key) } }

    /// The calling thread's object, which must not be given to another thread.
    package var current: Value {
        guard let key else { return make() }
        if let known = pthread_getspecific(key) { return Unmanaged<Value>.fromOpaque(known).takeUnretainedValue() }
        let value = make()
        let reference = Unmanaged.passRetained(value)
        if pthread_setspecific(key, reference.toOpaque()) != 0 { reference.release() }
        return value
    }
}
