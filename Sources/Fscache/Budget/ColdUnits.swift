// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The units of all objects of a cache, of which the coldest are to go.
struct ColdUnits {
    private let paths: [String]
    private let kept: [StoredObject]
    private let clock: UInt32
    private let sparing: UInt32
    private let events: EventLog

    /// So many objects stay open from one pass to the next; descriptors are scarce.
    private static let keptLimit = 64
    /// Runs that are taken out at a time: whoever stores into the object waits meanwhile.
    private static let batch = 256
    /// How often the border is looked for before anything goes.
    private static let attempts = 3

    /// - Parameters:
    ///   - clock: The present tick.
    ///   - sparing: Units that were filled so few ticks ago and not read since stay.
    ///   - events: Is told of what goes.
    init(_ paths: [String], clock: UInt32, sparing: UInt32, events: EventLog) {
        kept = paths.prefix(ColdUnits.keptLimit).compactMap(StoredObject.open)
        self.paths = Array(paths.dropFirst(ColdUnits.keptLimit))
        self.clock = clock
        self.sparing = sparing
        self.events = events
    }

    /// Frees so many bytes, or all that may go.
    ///
    /// - Parameter note: Told of what was freed, as it is.
    /// - Returns: The bytes that were freed.
    func free(_ wanted: UInt64, _ note: (UInt64) -> Void) -> UInt64 {
        var freed: UInt64 = 0
        forEachObject { object in
            let bytes = object.reclaimIdle()
            note(bytes)
            freed += bytes
        }
        for attempt in 1...ColdUnits.attempts where freed < wanted {
            // Busy readers may make everything young between the look and the removal; in the end anything goes.
            let isLast = attempt == ColdUnits.attempts
            var border = isLast ? AgeCutoff.Border(age: 0, rest: .max) : border(for: wanted - freed)
            forEachObject { object in
                let bytes = evict(object, &border, atMost: wanted - min(wanted, freed))
                note(bytes)
                freed += bytes
                // The map of an object without bytes is of no use either, unless somebody is about to fill it.
                if bytes > 0, object.isEmpty { try? StoredObject.unlink(object.path) }
            }
        }
        return freed
    }

    private func border(for wanted: UInt64) -> AgeCutoff.Border {
        var cutoff = AgeCutoff(freeing: wanted)
        forEachObject { object in forEachUnit(of: object) { _, age, bytes in cutoff.show(age: age, bytes: bytes) } }
        cutoff.turn()
        forEachObject { object in forEachUnit(of: object) { _, age, bytes in cutoff.show(age: age, bytes: bytes) } }
        return cutoff.border
    }

    private func evict(
        _ object: StoredObject, _ border: inout AgeCutoff.Border, atMost wanted: UInt64
    ) -> UInt64 {
        var runs: [Range<Int>] = []
        var selected: UInt64 = 0
        forEachUnit(of: object) { unit, age, bytes in
            guard age >= border.age, selected < wanted else { return }
            if age == border.age {
                guard border.rest > 0 else { return }
                border.rest -= min(border.rest, bytes)
            }
            selected += bytes
            object.map.readable.forEachRun(of: true, in: object.map.stamps.granules(of: unit)) { runs.appendJoined($0) }
        }
        var freed: UInt64 = 0
        for start in stride(from: 0, to: runs.count, by: ColdUnits.batch) {
            let batch = Array(runs[start...].prefix(ColdUnits.batch))
            guard let bytes = try? object.remove(batch) else { continue }
            freed += bytes
            guard events.isWatched else { continue }
            for run in batch { events.tell(object.culled(run, events), isRare: false) }
        }
        return freed
    }

    /// Calls `body` with each unit that has bytes and may go: its age and its bytes.
    private func forEachUnit(of object: StoredObject, _ body: (_ unit: Int, _ age: UInt32, _ bytes: UInt64) -> Void) {
        let map = object.map
        let pinned = object.pinnedSince.map { (clock &- $0) & Ledger.clockMask }
        var granule = map.readable.first(true, from: 0, below: map.readable.count)
        while granule < map.readable.count {
            let unit = map.stamps.unit(of: granule)
            let granules = map.stamps.granules(of: unit)
            let (age, isUnread) = map.stamps.age(of: unit, at: clock)
            if !(isUnread && age < sparing), pinned.map({ age > $0 }) != false {
                body(unit, age, UInt64(map.readable.population(in: granules)) * MapFile.granule)
            }
            granule = map.readable.first(true, from: granules.upperBound, below: map.readable.count)
        }
    }

    private func forEachObject(_ body: (StoredObject) -> Void) {
        kept.forEach(body)
        for path in paths { StoredObject.open(path).map(body) }
    }
}

extension StoredObject {
    /// Whether none of its bytes can be read.
    var isEmpty: Bool { map.readable.first(true, from: 0, below: map.readable.count) == map.readable.count }

    /// The age of the unit that was used last; the highest when there is none.
    func youngestAge(at clock: UInt32) -> UInt32 {
        (0..<map.stamps.count).reduce(Ledger.clockMask) { min($0, map.stamps.age(of: $1, at: clock).ticks) }
    }
}
