// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Commands

@Suite struct UserNamespaceTests {
    private static let whole = "         0          0 4294967295\n"
    private static let one = "         0       1000          1\n"
    private static let subordinate = "0 1000 1\n1 100000 65536\n"

    @Test(arguments: [
        (true, whole, whole, true), (false, whole, whole, false), (true, one, one, false),
        (true, subordinate, subordinate, true),
        (true, subordinate, one, false), (true, "", "", false), (true, "0 0 x\n", whole, false),
    ])
    func rootNeedsARangeOfIDs(isRoot: Bool, users: String, groups: String, expected: Bool) {
        #expect(UserNamespace(isRoot: isRoot, maps: [users, groups]).isRootOfRange == expected)
    }
}
