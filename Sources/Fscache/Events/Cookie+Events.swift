// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

// What is told of a cookie to those who watch the cache.
extension Cookie {
    /// An event of this cookie, at this moment.
    package func event(_ kind: CacheEvent.Kind, _ range: Range<UInt64> = 0..<0) -> CacheEvent {
        var event = CacheEvent(kind, time: MonotonicTime.now.nanoseconds, cookie: key)
        event.object = object
        event.backingInode = backingInode
        event.start = range.lowerBound
        event.length = range.upperBound - range.lowerBound
        return event
    }

    /// Tells that the cookie was opened, and how its object was judged.
    func tellOpened(askedAt: MonotonicTime, _ judgement: String) {
        var open = event(.open)
        open.time = askedAt.nanoseconds
        open.message = events.nextMessage()
        events.tell(open)
        var found = event(.coherency)
        found.note = judgement
        events.tell(found)
        var done = event(.openDone, 0..<size)
        done.message = open.message
        done.latency = done.time &- open.time
        events.tell(done)
    }

    /// Tells that the cookie is not used any more.
    public func tellClosed() {
        var event = event(.close)
        event.message = events.nextMessage()
        events.tell(event)
    }

    /// Tells of the judgement on a part of a read that is not in the cache.
    ///
    /// - Parameters:
    ///   - verdict: What it comes to; `downloadFromServer` says that the bytes are about to be asked for, if the flags
    ///     have `ondemand`.
    ///   - inode: For which file.
    package func tellMiss(_ run: Range<UInt64>, _ verdict: Verdict, _ flags: OndemandFlags, inode: UInt64) {
        guard events.isWatched else { return }
        var read = OndemandRead(start: run.lowerBound, length: run.upperBound - run.lowerBound, flags: [])
        let (now, reason) = prepareOndemandRead(&read, over: BitmapMap(map.readable), blockSize: MapFile.granule) {
            _, _ in .failed
        }
        // It may have come this very moment; the read that follows will tell of it.
        guard now == .downloadFromServer else { return }
        tell(verdict, reason, flags.union(.copyToCache), run, inode: inode)
    }

    /// Tells of a read from memory, because the cache's disk was full.
    package func tellUncached(_ run: Range<UInt64>, inode: UInt64) {
        tell(.downloadFromServer, .noSpace, .copyToCache, run, inode: inode)
    }

    /// Notes that bytes came for a reader: its next read is told as a filled miss.
    package func noteFilled(_ range: Range<UInt64>) {
        guard events.isWatched else { return }
        filled.withLock { filled in
            if filled.count == Cookie.filledLimit { filled.removeFirst() }
            filled.append(range)
        }
    }

    /// Tells of a read that hit: the judgement, and the read itself.
    func tellRead(_ range: Range<UInt64>, inode: UInt64, since began: MonotonicTime) {
        let isFilled = filled.withLock { filled in
            guard let index = filled.firstIndex(where: { $0.overlaps(range) }) else { return false }
            if range.upperBound < filled[index].upperBound {
                filled[index] = range.upperBound..<filled[index].upperBound
            } else {
                filled.remove(at: index)
            }
            return true
        }
        tell(.readFromCache, .haveData, isFilled ? .copyToCache : .ondemand, range, inode: inode)
        var event = event(.read, range)
        event.inode = inode
        event.latency = event.time &- began.nanoseconds
        events.tell(event, isRare: false)
    }

    private func tell(
        _ verdict: Verdict, _ reason: VerdictReason, _ flags: OndemandFlags, _ range: Range<UInt64>, inode: UInt64
    ) {
        guard events.isWatched else { return }
        var event = event(.prepareRead, range)
        event.verdict = verdict
        event.reason = reason
        event.flags = flags
        event.inode = inode
        events.tell(event, isRare: false)
    }

    /// Filled ranges that wait for their reader to be told; of more, the oldest is told as a hit.
    private static let filledLimit = 256
}
