// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// What is wrong between an object and its map.
package struct ObjectFindings: Equatable, Sendable {
    /// The map is missing or damaged: nothing of the object can be read.
    package var hasNoMap = false
    /// The object is not as long as its map says.
    package var hasWrongLength = false
    /// Bytes that the map calls present, but that are holes in the object.
    package var lostBytes: UInt64 = 0
    /// Bytes on disk that nobody can read; they cost room and do no harm.
    package var idleBytes: UInt64 = 0

    /// Whether there is nothing to say.
    package var isEmpty: Bool { self == ObjectFindings() }

    /// Whether bytes could be read that are not the blob's.
    package var isDamaged: Bool { hasWrongLength || lostBytes > 0 }
}

// The check of an object as it lies on disk.
extension CachedObject {
    /// Compares the map with the object's length and holes, without changing anything.
    ///
    /// - Parameter tellsHoles: Whether the file system tells the truth about holes.
    package func findings(tellsHoles: Bool) -> ObjectFindings {
        guard let object = StoredObject.open(path) else { return ObjectFindings(hasNoMap: true) }
        var findings = ObjectFindings()
        let granule = Int(MapFile.granule)
        guard let length = try? object.file.size(), length == UInt64(object.map.readable.count * granule) else {
            findings.hasWrongLength = true
            return findings
        }
        guard tellsHoles else { return findings }
        // Readable granules are looked at after the holes: what comes meanwhile is in both or in neither.
        var position = 0
        while position < object.map.readable.count {
            let run = HoleCheck.data(of: object.file, from: position * granule)
            let data = run.map { $0.lowerBound / granule..<($0.upperBound + granule - 1) / granule }
            let start = data?.lowerBound ?? object.map.readable.count
            let end = data?.upperBound ?? start
            findings.lostBytes += object.lost(position..<max(position, start))
            if let data {
                findings.idleBytes += UInt64((data.count - object.map.readable.population(in: data)) * granule)
            }
            position = max(end, position + 1)
        }
        return findings
    }

    /// Takes what is lost out of the map, and gives blocks back that nobody can read; an object without map is put aside.
    ///
    /// An object that somebody uses keeps its idle blocks: somebody may be about to publish them.
    package func repair(tellsHoles: Bool) throws(CacheError) {
        guard let object = StoredObject.open(path) else {
            _ = Quarantine(of: path)?.move(from: path)
            return
        }
        let isInUse = object.isInUse
        if let length = try? object.file.size(), length != UInt64(object.map.readable.count) * MapFile.granule {
            object.map.forgetAll()
        }
        if tellsHoles { _ = try HoleCheck.distrustHoles(of: object.file, object.map) }
        guard !isInUse else { return }
        let all = 0..<object.map.readable.count
        try object.map.exclusively { () throws(CacheError) in
            try Removal(of: object.file, object.map, path).punchMissing(in: all)
        }
    }

    /// Puts a copy of the object aside, and takes all of it out of the cache, whoever uses it.
    ///
    /// - Returns: The path of the copy; nil when there is none.
    package func quarantine() throws(CacheError) -> String? {
        guard let object = StoredObject.open(path) else { return Quarantine(of: path)?.move(from: path) }
        let copy = Quarantine(of: path)?.copy(object.file, bytes: Int(clamping: object.map.size))
        _ = try object.remove([0..<object.map.readable.count])
        return copy
    }

    /// Reads the whole object in pieces; for one that is whole.
    ///
    /// - Returns: False when it cannot be read, or something was taken out meanwhile.
    package func forEachPiece(_ body: (UnsafeRawBufferPointer) -> Void) -> Bool {
        guard let object = StoredObject.open(path) else { return false }
        let generation = object.map.generation
        let isRead = try? object.file.forEachPiece(upTo: object.map.size, path: path) { piece in
            body(piece)
            return true
        }
        guard isRead == true else { return false }
        return object.map.generation == generation
    }
}

extension StoredObject {
    /// Bytes of a run without data that the map calls present, and that have no data now either.
    fileprivate func lost(_ granules: Range<Int>) -> UInt64 {
        var count = 0
        map.readable.forEachRun(of: true, in: granules) { run in
            // The bytes may have come between the two looks.
            let data = HoleCheck.data(of: file, from: run.lowerBound * Int(MapFile.granule))
            if data.map({ $0.lowerBound >= run.upperBound * Int(MapFile.granule) }) ?? true { count += run.count }
        }
        return UInt64(count) * MapFile.granule
    }
}
