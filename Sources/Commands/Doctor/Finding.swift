// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What one check of `doctor` found.
struct Finding: Codable, Equatable, Sendable {
    /// How good it is.
    enum State: String, Codable, Sendable {
        /// As it should be.
        case good
        /// Works, and could work better.
        case hint
        /// Something that mounting, or a container on a mount, cannot do without.
        case lacking
    }

    /// What was looked at.
    let check: String
    let state: State
    /// What is so.
    let found: String
    /// The command, or the advice, that changes it; nil when all is good.
    let mending: String?

    static func good(_ check: String, _ found: String) -> Finding {
        Finding(check: check, state: .good, found: found, mending: nil)
    }

    static func hint(_ check: String, _ found: String, mending: String) -> Finding {
        Finding(check: check, state: .hint, found: found, mending: mending)
    }

    static func lacking(_ check: String, _ found: String, mending: String) -> Finding {
        Finding(check: check, state: .lacking, found: found, mending: mending)
    }

    /// The finding for people: a line, and one more for what mends it.
    var lines: String {
        let mark = state.rawValue + String(repeating: " ", count: 9 - state.rawValue.utf8.count)
        let name = check + String(repeating: " ", count: max(1, 20 - check.utf8.count))
        let mend = mending.map { String(repeating: " ", count: 29) + "mend: \($0.printable)\n" } ?? ""
        return mark + name + found.printable + "\n" + mend
    }
}
