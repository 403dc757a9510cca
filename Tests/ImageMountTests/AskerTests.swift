// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Glibc
import Testing

@testable import ImageMount

@Suite struct AskerTests {
    /// Whether a request is root's that comes with this user and thread.
    private func isRoot(user: UInt32, thread: UInt32) throws -> Bool {
        var message = [UInt8](repeating: 0, count: 40)
        func put(_ value: UInt32, _ offset: Int) {
            withUnsafeBytes(of: value) { message.replaceSubrange(offset..<offset + 4, with: $0) }
        }
        put(40, 0)
        put(user, 24)
        put(thread, 32)
        return try message.withUnsafeBytes { Asker(try #require(Request($0))).isRoot }
    }

    @Test func theKernelIsBelieved() throws {
        #expect(try isRoot(user: 0, thread: 0))
        #expect(try !isRoot(user: 1000, thread: UInt32(getpid())))
    }

    @Test func whomTheKernelDoesNotNameIsLookedUp() throws {
        #expect(try isRoot(user: Request.unknownUser, thread: UInt32(getpid())) == (geteuid() == 0))
    }

    /// Threads of other process namespaces have the number 0, and one may be gone.
    @Test(arguments: [0, UInt32.max]) func whoCannotBeFoundIsNotRoot(thread: UInt32) throws {
        #expect(try !isRoot(user: Request.unknownUser, thread: thread))
    }
}
