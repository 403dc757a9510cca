// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// Where the file system says that a file has data: a cross-check of the map, on file systems that tell the truth.
enum HoleCheck {
    /// The first run of data at or after `offset`; nil when only holes follow, or nothing can be said.
    static func data(of file: Descriptor, from offset: Int) -> Range<Int>? {
        let start = lseek(file.raw, offset, clinux_seek_data)
        guard start >= offset else { return nil }
        let end = lseek(file.raw, start, clinux_seek_hole)
        return end > start ? start..<end : nil
    }

    /// Takes the granules out of a map whose bytes are holes in the object.
    ///
    /// Nobody publishes meanwhile; a granule that has its bit has had its data before.
    ///
    /// - Returns: How many granules lost their bit.
    static func distrustHoles(of file: Descriptor, _ map: MapFile) throws(CacheError) -> Int {
        try map.exclusively { () throws(CacheError) in
            let count = map.readable.count
            let before = map.readable.population
            var granule = map.readable.first(true, from: 0, below: count)
            while granule < count {
                let size = Int(MapFile.granule)
                let run = data(of: file, from: granule * size)
                // A granule that has any data counts as data.
                let first = run.map { $0.lowerBound / size } ?? count
                if first > granule { map.forget(granule..<first) }
                let next = run.map { ($0.upperBound + size - 1) / size } ?? count
                granule = map.readable.first(true, from: max(next, granule + 1), below: count)
            }
            return before - map.readable.population
        }
    }
}
