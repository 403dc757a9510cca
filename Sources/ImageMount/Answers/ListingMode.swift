// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Synchronization

/// Whether listings shall carry the attributes of files, or of directories only.
///
/// Attributes in a listing save a LOOKUP for each name that is looked up later, but the kernel makes an inode of each; a
/// plain `find` never looks at them. So only the first files come with attributes, until a client looks up files of a directory
/// that was listed; each such LOOKUP pays for the attributes of some more files.
///
/// Counts are only hints: lost updates between threads do no harm.
final class ListingMode: Sendable {
    /// Files listed with attributes for each LOOKUP of a listed file.
    static let filesPerLookup = 256
    /// The most that may be saved up: a long directory's worth.
    static let maximumCredit = 32_768
    /// What a mount begins with, so that who looks at the first files pays nothing, and a plain `find` next to nothing.
    static let firstCredit = 2048

    private let credit = Atomic<Int>(ListingMode.firstCredit)
    private let recent = RecentDirectories()
    private let isAdaptive: Bool

    /// With `adaptive` false files always carry their attributes.
    init(adaptive: Bool) { isAdaptive = adaptive }

    /// Whether a listing that begins now shall carry the attributes of files.
    var includesFiles: Bool { !isAdaptive || credit.load(ordering: .relaxed) > 0 }

    /// A directory was listed, with the attributes of `files` files.
    func listed(_ directory: NodeID, files: Int) {
        guard isAdaptive else { return }
        recent.note(directory)
        guard files > 0 else { return }
        credit.store(max(0, credit.load(ordering: .relaxed) - files), ordering: .relaxed)
    }

    /// A name of `directory` was looked up and is no directory.
    func lookedUpFile(in directory: NodeID) {
        guard isAdaptive, recent.contains(directory) else { return }
        let sum = credit.load(ordering: .relaxed) + ListingMode.filesPerLookup
        credit.store(min(sum, ListingMode.maximumCredit), ordering: .relaxed)
    }
}

/// The directories that were listed last, as far as their places in a small table were not taken by others.
private final class RecentDirectories: @unchecked Sendable {
    // Safe to share: the memory holds atomics and lives as long as the object.
    private static let places = 64
    private let table: UnsafeMutablePointer<Atomic<UInt64>>

    init() {
        table = .allocate(capacity: RecentDirectories.places)
        for index in 0..<RecentDirectories.places { (table + index).initialize(to: Atomic(.max)) }
    }

    deinit {
        table.deinitialize(count: RecentDirectories.places)
        table.deallocate()
    }

    func note(_ directory: NodeID) {
        table[place(of: directory)].store(directory.rawValue, ordering: .relaxed)
    }

    func contains(_ directory: NodeID) -> Bool {
        table[place(of: directory)].load(ordering: .relaxed) == directory.rawValue
    }

    private func place(of directory: NodeID) -> Int {
        Int(truncatingIfNeeded: (directory.rawValue &* 0x9E37_79B9_7F4A_7C15) >> 58)
    }
}
