// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A system call that failed: which one, on what, and why.
package struct SystemError: Error, Equatable, Sendable, CustomStringConvertible {
    /// The name of the call, as in section 2 of the manual.
    package let call: String
    /// The path or other object of the call; empty when there is none.
    package let object: String
    /// The value of `errno`.
    package let code: Int32

    package init(_ call: String, on object: String = "", code: Int32 = errno) {
        self.call = call
        self.object = object
        self.code = code
    }

    package var description: String {
        let what = object.isEmpty ? call : "\(object): \(call)"
        return "\(what): \(SystemError.text(for: code))"
    }

    /// The C library's sentence for an error number.
    package static func text(for code: Int32) -> String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            guard let base = buffer.baseAddress, strerror_r(code, base, buffer.count) == 0 else {
                return "error \(code)"
            }
            return String(cString: base)
        }
    }
}
