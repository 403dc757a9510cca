// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// One thread that serves requests from a ring: one system call commits a reply and waits for the next request.
///
/// For each of its queues it lends the kernel some entries. A request whose answer comes later keeps its entry; then the kernel
/// gets one more at once, so that misses do not keep hits waiting. A request that found no entry waits until one is committed:
/// the kernel does not look for it when it gets a new one. Entries are never taken back.
///
/// `begin` makes the thread that calls it the only one that may touch the ring, and `serve` runs there; the mailbox is for
/// all.
final class RingThread: @unchecked Sendable {
    // Safe to share: the ring and the counts are touched by the thread only.

    let mailbox: RingMailbox
    private let device: Int32
    private let processors: [Int32]
    /// All processors that the process may run on.
    private let everywhere: [Int32]
    private var isAtHome = true
    private let ring: Ring
    private var entries: [RingEntry] = []
    /// Of each queue how many entries the kernel has, in the order of ``queues``.
    private var lent: [Int]
    /// Of each queue how many of them it shall have.
    private let depth: Int
    /// Entries that the kernel did not take.
    private var lost = 0
    /// Whether it takes new ones.
    private var mayLend = true
    /// Whether the ring takes nothing any more.
    private var isBroken = false
    private let queues: [RingQueue]
    /// Those of all threads.
    private let allQueues: [RingQueue]
    private let askers: Whereabouts
    /// Whether a request of the last round came from who had asked at another processor before.
    private var isVisited = false
    private let large: LargeReplies
    /// Entries whose reply the kernel has not taken yet, and whose memory is to be given back then.
    private var oversized: [RingEntry] = []
    private let word: UnsafeMutablePointer<UInt64>

    /// Nanoseconds; a request and its way back take less.
    private static let lingering: UInt64 = 300_000
    /// Entries of one thread at most; requests beyond wait in the kernel.
    private static let most = 512

    /// - Throws: When there is no ring to be had.
    init(
        _ part: RingPlan.Part, _ queues: [RingQueue], of allQueues: [RingQueue], _ askers: Whereabouts,
        _ large: LargeReplies, device: Int32
    )
        throws(SystemError)
    {
        mailbox = try RingMailbox()
        ring = try Ring()
        self.device = device
        processors = part.processors.map { Int32($0) }
        everywhere = part.everywhere.map { Int32($0) }
        self.queues = queues
        self.allQueues = allQueues
        depth = part.depth
        self.askers = askers
        self.large = large
        lent = Array(repeating: 0, count: queues.count)
        word = .allocate(capacity: 1)
        word.initialize(to: 0)
    }

    deinit { word.deallocate() }

    /// Whether the kernel would take an entry of ours once INIT is answered; before that it puts it off.
    static func isPossible(_ device: Int32) throws(SystemError) -> Bool {
        let ring = try Ring()
        let entry = RingEntry(RingQueue(0), try RingMailbox())
        guard ring.enable(), entry.register(in: ring, device), ring.handOverAndWait() == 0,
            let completion = ring.completion()
        else {
            return false
        }
        return withExtendedLifetime(entry) { completion.result == -EAGAIN }
    }

    /// Lends the kernel all entries but the first of each queue: it takes first what it was lent last, and so the first of all
    /// threads are to come after the others of all threads.
    func begin() {
        guard ring.enable() else {
            isBroken = true
            return
        }
        mailbox.moveIn()
        for queue in queues { queue.join() }
        Processors.keepThread(to: processors)
        for index in queues.indices { for _ in 1..<max(1, depth) { lend(index) } }
        ring.handOver()
    }

    /// Serves until the file system is unmounted, or ``RingMailbox/stop()``.
    ///
    /// - Returns: False when the kernel takes nothing any more: then nobody is answered.
    func serve(_ handler: some ConcurrentRequestHandler, at seat: Int) -> Bool {
        guard !isBroken else { return false }
        if !ring.put(readOf: mailbox.descriptor, into: word) { isBroken = true }
        for index in queues.indices { lend(index) }
        while true {
            // Before the replies are taken: what comes after that comes too late.
            let isEnding = mailbox.isStopping
            for entry in mailbox.take() { commit(entry) }
            guard !isBroken else { return false }
            guard !isEnding else {
                ring.handOver()
                return true
            }
            // Refused, all of them: requests come through the device, or to other threads.
            guard mayLend || entries.count > lost else { return true }
            if isVisited { linger() }
            for queue in queues { queue.rest() }
            let error = ring.handOverAndWait()
            for queue in queues { queue.wake() }
            if !oversized.isEmpty { shrink() }
            guard error == 0 else { return false }
            while let completion = ring.completion() {
                guard takes(completion, handler, seat) else { return true }
            }
        }
    }

    /// Deals with what the kernel has done; false when the file system is no longer mounted.
    @inline(__always)
    private func takes(_ completion: Ring.Completion, _ handler: some ConcurrentRequestHandler, _ seat: Int) -> Bool {
        guard let token = completion.token else {
            if !ring.put(readOf: mailbox.descriptor, into: word) { isBroken = true }
            return true
        }
        let entry = Unmanaged<RingEntry>.fromOpaque(token).takeUnretainedValue()
        entry.isBack()
        lent[place(of: entry)] -= 1
        switch completion.result {
        case 0...: answer(entry, handler, seat)
        case -EAGAIN, -EINTR: putAgain(entry)
        case -ENOTCONN, -ECANCELED, -ENODEV, -ECONNABORTED: return false
        default:
            lost += 1
            if entry.isFresh { mayLend = false }
        }
        return true
    }

    private func answer(_ entry: RingEntry, _ handler: some ConcurrentRequestHandler, _ seat: Int) {
        guard let request = entry.request() else {
            entry.finish(error: EIO, payload: 0)
            return commit(entry)
        }
        if askers.note(request.threadID, at: entry.queue.number) { isVisited = true }
        entry.reply.reset()
        switch handler.serve(request, into: entry.reply, at: seat, answering: entry) {
        case .reply:
            entry.finish(error: 0, payload: entry.reply.count)
            settle(afterReplyOf: entry.reply.count)
        case .slowReply:
            entry.finish(error: 0, payload: entry.reply.count)
            settle(afterReplyOf: isAlone ? .max : entry.reply.count)
        case .fail(let error): entry.finish(error: error, payload: 0)
        // Even what needs no reply, such as a FORGET that somebody waits for, has to be given back.
        case .done: entry.finish(error: 0, payload: 0)
        // The reply will be in the mailbox.
        case .later, .crowded: return lendMore(place(of: entry))
        // It is there, and committed with the next system call.
        case .sent: return settle(afterReplyOf: entry.replied)
        }
        commit(entry)
    }

    /// Hands over the replies, and stays awake for a moment, giving way to everybody.
    ///
    /// Who was answered here will soon ask at the processor that he came from. When he is answered there, the scheduler
    /// would send him back to this one if it were idle; so he stays.
    private func linger() {
        isVisited = false
        ring.handOver()
        let begin = MonotonicTime.now.nanoseconds
        while !ring.hasCompletion, MonotonicTime.now.nanoseconds &- begin < RingThread.lingering { sched_yield() }
    }

    /// Whether no other thread of the mount has something to do, as far as can be seen in passing.
    private var isAlone: Bool { allQueues.reduce(0) { $0 + $1.busyThreads } <= 1 }

    /// Leaves the processor of who asks for much, or goes home.
    ///
    /// To copy a large reply takes longer than to be woken elsewhere, and meanwhile he can work on the one before. The
    /// same for who alone waits for the disk, whose interrupts may come to another processor.
    @inline(__always) private func settle(afterReplyOf count: Int) {
        let shouldBeAtHome = count <= LargeReplies.size
        guard shouldBeAtHome != isAtHome else { return }
        isAtHome = shouldBeAtHome
        Processors.keepThread(to: isAtHome ? processors : everywhere)
    }

    @inline(__always) private func commit(_ entry: RingEntry) {
        if !entry.commit(in: ring, device) { isBroken = true }
        if entry.isTooLarge(large) { oversized.append(entry) }
        lent[place(of: entry)] += 1
    }

    /// Gives back memory of replies that the kernel has taken; what it was not lent, or has not taken yet, keeps it this time.
    private func shrink() {
        if ring.hasHandedOverAll { for entry in oversized where entry.isLent { entry.shrink() } }
        oversized.removeAll(keepingCapacity: true)
    }

    private func putAgain(_ entry: RingEntry) {
        if !entry.putAgain(in: ring, device) { isBroken = true }
        lent[place(of: entry)] += 1
    }

    /// Makes up for an entry whose request waits, at once: a request that finds none would wait as well.
    private func lendMore(_ index: Int) {
        guard lent[index] < depth else { return }
        lend(index)
        ring.handOver()
    }

    private func lend(_ index: Int) {
        guard mayLend, entries.count < RingThread.most else { return }
        let entry = RingEntry(queues[index], mailbox, isSpare: entries.count >= depth * queues.count)
        entries.append(entry)
        if !entry.register(in: ring, device) { isBroken = true }
        lent[index] += 1
    }

    private func place(of entry: RingEntry) -> Int {
        queues.count == 1 ? 0 : queues.firstIndex { $0 === entry.queue } ?? 0
    }
}
