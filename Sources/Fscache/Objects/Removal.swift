// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// Takes granules out of an object, in the one order that no reader and no power cut can turn into zeroes: bits, disk, bytes.
///
/// To be used with ``MapFile/exclusively(_:)``. Any process may do it to any object: readers look at the map's generation
/// after they have read.
struct Removal {
    private let file: Descriptor
    private let map: MapFile
    private let path: String

    init(of file: Descriptor, _ map: MapFile, _ path: String) {
        self.file = file
        self.map = map
        self.path = path
    }

    /// Makes runs of granules missing, and gives their blocks back.
    func remove(_ runs: [Range<Int>]) throws(CacheError) {
        let areDurable = runs.contains {
            map.durable.first(true, from: $0.lowerBound, below: $0.upperBound) < $0.upperBound
        }
        for run in runs { map.forget(run) }
        // After a power cut the disk's durable bits count, and a hole would read as zeroes.
        if areDurable { try map.sync() }
        // Counted again behind the punching: who began to write in between must not take that for an old removal.
        defer { map.countRemoval() }
        for run in runs { try punch(run) }
    }

    /// Gives the blocks of granules back that nobody can read; whoever is about to publish one of them writes it again.
    func punchMissing(in granules: Range<Int>) throws(CacheError) {
        map.countRemoval()
        defer { map.countRemoval() }
        try map.readable.forEachRun(of: false, in: granules) { (run) throws(CacheError) in try punch(run) }
    }

    private func punch(_ granules: Range<Int>) throws(CacheError) {
        let mode = Int32(clinux_falloc_punch_hole | clinux_falloc_keep_size)
        let start = Int64(granules.lowerBound) * Int64(MapFile.granule)
        guard
            clinux_fallocate(file.raw, mode, start, Int64(granules.count) * Int64(MapFile.granule)) == 0
                // Where blocks cannot be given back, the bytes stay, and nobody can read them.
                || errno == EOPNOTSUPP
        else {
            throw .system(call: "fallocate", path: path, code: errno)
        }
    }
}
