// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Primitives
import Synchronization

/// Whether listings shall carry the attributes of files, or of directories only.
///
/// Attributes in a listing save a LOOKUP for each name that is looked up later, but the kernel makes an inode of each; a
/// plain `find` never looks at them. So only the first files come with attributes, until a client looks up files of a directory
/// that was listed; each such LOOKUP pays for the attributes of some more files. A directory is listed to its end as it was
/// begun: who lists it looks at nothing in between, so nothing can be learned there.
///
/// Counts are only hints: lost updates between threads do no harm.
final class ListingMode: Sendable {
    /// Files listed with attributes for each LOOKUP of a listed file.
    static let filesPerLookup = 256
    /// The most that may be saved up.
    static let maximumCredit = 8192
    /// What a mount begins with, so that who looks at the first files pays nothing, and a plain `find` next to nothing.
    static let firstCredit = 2048

    private let credit = Atomic<Int>(ListingMode.firstCredit)
    private let recent = RecentDirectories()
    private let isAdaptive: Bool

    /// With `adaptive` false files always carry their attributes.
    init(adaptive: Bool) { isAdaptive = adaptive }

    /// Whether a listing of `directory` from `position` on shall carry the attributes of files.
    func includesFiles(_ directory: NodeID, from position: UInt64) -> Bool {
        guard isAdaptive else { return true }
        if position > 0, let before = recent.listing(of: directory) { return before }
        return credit.load(ordering: .relaxed) > 0
    }

    /// A part of a directory was listed, `files` files of it with their attributes.
    func listed(_ directory: NodeID, includingFiles: Bool, files: Int) {
        guard isAdaptive else { return }
        recent.note(directory, includingFiles: includingFiles)
        guard files > 0 else { return }
        credit.store(max(0, credit.load(ordering: .relaxed) - files), ordering: .relaxed)
    }

    /// A name of `directory` was looked up and is no directory.
    func lookedUpFile(in directory: NodeID) {
        guard isAdaptive, recent.listing(of: directory) != nil else { return }
        let sum = credit.load(ordering: .relaxed) + ListingMode.filesPerLookup
        credit.store(min(sum, ListingMode.maximumCredit), ordering: .relaxed)
    }
}

/// The directories that were listed last and how, as far as their places in a small table were not taken by others.
///
/// A place holds a node number, and in a bit that those never use how the directory was listed.
private final class RecentDirectories: Sendable {
    private static let places = 64
    /// Slots are 32 bytes, so numbers end below bit 59; bit 63 stands for the metabox.
    private static let flag: UInt64 = 1 << 62
    private let table = AtomicWords(atLeast: RecentDirectories.places, each: .max)

    func note(_ directory: NodeID, includingFiles: Bool) {
        let flag = includingFiles ? RecentDirectories.flag : 0
        table[place(of: directory)] = directory.rawValue & ~RecentDirectories.flag | flag
    }

    /// Whether the listing noted last came with files' attributes; nil for a directory that is not in the table.
    func listing(of directory: NodeID) -> Bool? {
        let noted = table[place(of: directory)]
        guard noted & ~RecentDirectories.flag == directory.rawValue else { return nil }
        return noted & RecentDirectories.flag != 0
    }

    private func place(of directory: NodeID) -> Int {
        Int(truncatingIfNeeded: (directory.rawValue &* 0x9E37_79B9_7F4A_7C15) >> 58)
    }
}
