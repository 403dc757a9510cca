// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Everything that can be told about a directory tree from outside: type, mode, owner, link count, size, time in
/// nanoseconds, link target, device number, extended attributes and the SHA-256 of every file.
///
/// The listing is made by find, stat, getfattr and sha256sum in a process of their own, so that a mount that hangs stops
/// those programs and not the test, and so that any user can make it.
package struct TreeListing: Sendable {
    /// The facts, each `kind TAB path TAB value...`, in no order.
    package let facts: Set<[UInt8]>

    /// Lists a tree.
    ///
    /// - Parameters:
    ///   - account: who looks; nil: the caller.
    ///   - ignoring: facts that begin with one of these after their path are left out: `trusted.` for what only root sees.
    package init(of directory: String, as account: Account? = nil, ignoring: [String] = []) throws {
        let outcome = try run(["bash", "-c", TreeListing.script, "list", directory], as: account, within: 600)
        guard outcome.succeeded, outcome.errors.isEmpty else {
            throw TestFailure("listing \(directory): exit code \(outcome.status): \(outcome.errors.prefix(2000))")
        }
        facts = TreeListing.without(ignoring, Set(outcome.bytes.split(separator: 0).map(Array.init)))
    }

    private init(facts: Set<[UInt8]>) { self.facts = facts }

    /// The same listing without some facts, as in ``init(of:as:ignoring:)``.
    package func filtered(_ ignoring: [String]) -> TreeListing {
        TreeListing(facts: TreeListing.without(ignoring, facts))
    }

    private static func without(_ ignoring: [String], _ facts: Set<[UInt8]>) -> Set<[UInt8]> {
        let marks = ignoring.map { Array("\t\($0)".utf8) }
        return facts.filter { fact in
            !marks.contains { mark in fact.indices.contains { fact[$0...].starts(with: mark) } }
        }
    }

    /// How many paths the tree has.
    package var count: Int { facts.count { $0.starts(with: "entry\t".utf8) } }

    /// What one tree has and the other has not, some twenty lines of it; empty when they are equal.
    package func differences(from other: TreeListing) -> [String] {
        func some(_ set: Set<[UInt8]>, _ mark: String) -> [String] {
            set.map { "\(mark) \(String(decoding: $0, as: UTF8.self))" }.sorted().prefix(10).map { $0 }
        }
        return some(facts.subtracting(other.facts), "+") + some(other.facts.subtracting(facts), "-")
    }

    private static let script = #"""
        set -o pipefail
        export LC_ALL=C
        cd "$1" || exit 1
        find . -printf 'entry\t%p\t%y\t%m\t%U:%G\t%n\t%s\t%T@\t%l\0' || exit 1
        find . \( -type b -o -type c \) -exec stat --printf 'rdev\t%n\t%t:%T\0' {} + || exit 1
        getfattr -hRP -d -m - -e hex . | awk 'BEGIN { RS = ""; FS = "\n" } {
            sub(/^# file: /, "", $1)
            for (i = 2; i <= NF; i++) printf "xattr\t%s\t%s%c", $1, $i, 0
        }' || exit 1
        find . -type f -print0 | xargs -0 -r sha256sum -z | awk 'BEGIN { RS = "\0" } {
            printf "sum\t%s\t%s%c", substr($0, 67), substr($0, 1, 64), 0
        }'
        """#
}
