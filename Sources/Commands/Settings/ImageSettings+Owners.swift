// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ImageMount

// Whom the files of a mount belong to.
extension ImageSettings {
    /// Takes one of these settings.
    ///
    /// - Returns: False for any other.
    mutating func takeOwners(_ name: String, _ value: String?) throws(UsageError) -> Bool {
        switch name {
        case "uid-map": try add(name, value, to: &owners.users)
        case "gid-map": try add(name, value, to: &owners.groups)
        case "squash-to-root": owners.squashesToRoot = try truth(name, value)
        default: return false
        }
        return true
    }

    /// Forgets the ranges of one kind: those of the command line replace the file's.
    mutating func forgetOwners(_ name: String) {
        if name == "uid-map" { owners.users = IDRanges() } else { owners.groups = IDRanges() }
    }

    /// Refuses settings that contradict each other.
    func checkOwners() throws(UsageError) {
        guard owners.squashesToRoot, !owners.users.isEmpty || !owners.groups.isEmpty else { return }
        throw .badValue("squash-to-root", text: "true", wanted: "absent where uid-map or gid-map is given")
    }

    private func add(_ name: String, _ value: String?, to ranges: inout IDRanges) throws(UsageError) {
        let text = try text(name, value)
        guard let range = IDRange(text) else {
            throw .badValue(name, text: text, wanted: "FROM:TO:COUNT with ids below 4294967295")
        }
        guard ranges.add(range) else {
            throw .badValue(
                name, text: text, wanted: "apart from the other ranges, and one of \(IDRanges.limit) at most")
        }
    }
}
