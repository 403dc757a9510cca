// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import Synchronization

/// Takes out of a cache what was not used for longest: what was put aside, then cold units of all its objects, in use or not,
/// and whole objects that nobody uses where units cannot be given back or inodes are wanted.
///
/// One process trims a directory at a time, and one thread of it. Objects are opened by path, so it makes no difference which
/// process uses them.
final class Trimmer: Sendable {
    /// What must be freed.
    struct Need: Equatable {
        var bytes: UInt64 = 0
        var files: UInt64 = 0
    }

    /// What a round has done.
    struct Outcome: Equatable {
        /// Bytes that the directory takes now.
        var left: UInt64
        /// Bytes that were freed.
        var freed: UInt64 = 0
    }

    private let directory: String
    private let traits: FileSystemTraits
    private let ledger: Ledger
    private let events: EventLog
    private let culled = Atomic<UInt64>(0)
    private let turn = Locked(())

    init(directory: String, traits: FileSystemTraits, ledger: Ledger, events: EventLog = EventLog()) {
        self.events = events
        self.directory = directory
        self.traits = traits
        self.ledger = ledger
    }

    /// Bytes that were freed so far.
    var culledBytes: UInt64 { culled.load(ordering: .relaxed) }

    /// Surveys the directory, sets the ledger right, and frees what is needed, as far as that can be done.
    ///
    /// - Parameters:
    ///   - sparing: Units that were filled so few ticks ago and not read since stay: their readers are on the way.
    ///   - isNeeded: Asked when it is our turn: others may have trimmed meanwhile.
    ///   - need: What must be freed of a directory that takes so many bytes.
    /// - Returns: Nil when it was not needed any more.
    func run(
        sparing: UInt32, isNeeded: () -> Bool = { true }, _ need: (_ taken: UInt64) -> Need
    ) -> Outcome? {
        turn.withLock { _ in
            ledger.exclusively {
                guard isNeeded() else { return nil }
                let before = ledger.bytes
                let survey = CacheSurvey(directory)
                ledger.anchor(survey.bytes, before: before)
                let freed = free(need(survey.bytes), survey.objects, sparing)
                culled.wrappingAdd(freed, ordering: .relaxed)
                return Outcome(left: survey.bytes - min(survey.bytes, freed), freed: freed)
            }
        }
    }

    private func free(_ need: Need, _ paths: [String], _ sparing: UInt32) -> UInt64 {
        let aside = removePutAside(need)
        let need = Need(
            bytes: need.bytes - min(need.bytes, aside.bytes), files: need.files - min(need.files, aside.files))
        guard need != Need() else { return aside.bytes }
        var freed: UInt64 = 0
        if traits.punchesHoles, need.bytes > 0 {
            let units = ColdUnits(paths, clock: ledger.clock, sparing: sparing, events: events)
            freed = units.free(need.bytes) { ledger.add(-Int64(clamping: $0)) }
        }
        let bytes = traits.punchesHoles ? 0 : need.bytes
        if bytes > 0 || need.files > 0 { freed += removeWhole(Need(bytes: bytes, files: need.files), paths) }
        return freed + aside.bytes
    }

    /// Removes what lies in `quarantine/`, the oldest first.
    private func removePutAside(_ need: Need) -> Need {
        var freed = Need()
        guard need != freed else { return freed }
        for path in Quarantine.files(in: directory) {
            guard freed.bytes < need.bytes || freed.files < need.files else { break }
            var status = stat()
            guard lstat(path, &status) == 0, unlink(path) == 0 else { continue }
            let bytes = UInt64(max(0, status.st_blocks)) * 512
            ledger.add(-Int64(clamping: bytes))
            freed.bytes += bytes
            freed.files += 1
        }
        return freed
    }

    /// Removes objects that nobody uses, the coldest first.
    private func removeWhole(_ need: Need, _ paths: [String]) -> UInt64 {
        let clock = ledger.clock
        var idle: [(path: String, age: UInt32, bytes: UInt64, event: CacheEvent)] = []
        for path in paths {
            guard let object = StoredObject.open(path), !object.isInUse else { continue }
            let event = object.culled(0..<object.map.readable.count, events)
            idle.append((path, object.youngestAge(at: clock), object.allocated, event))
        }
        var freed = Need()
        for object in idle.sorted(by: { $0.age > $1.age }) {
            guard freed.bytes < need.bytes || freed.files < need.files else { break }
            guard (try? StoredObject.unlink(object.path)) != nil else { continue }
            events.tell(object.event, isRare: false)
            ledger.add(-Int64(clamping: object.bytes))
            freed.bytes += object.bytes
            freed.files += 2
        }
        return freed.bytes
    }
}
