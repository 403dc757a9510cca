// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Waits until a condition holds.
///
/// For what has no event of its own to wait for. The limit is generous, because a busy machine may be slow; a test never
/// asserts how long it took.
/// - Throws: ``TestFailure`` when the condition still does not hold after `limit` seconds, or what the condition throws.
package func eventually(_ what: String, within limit: Int = 60, _ condition: () throws -> Bool) throws {
    let rounds = limit * 50
    for _ in 0..<rounds {
        if try condition() { return }
        usleep(20_000)
    }
    throw TestFailure("\(what): not so after \(limit) s")
}
