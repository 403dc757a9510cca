// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// One thread that serves requests from a ring: one system call commits a reply and waits for the next request.
///
/// For each of its queues it lends the kernel one entry at a time. A request whose answer comes later keeps its entry; then
/// the kernel gets one more, so that misses never keep hits waiting. Entries are never taken back.
///
/// `serve` runs on the thread; the rest may be called from any.
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
    private let queues: [RingQueue]
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
    private static let most = 4096

    /// - Throws: When there is no ring to be had.
    init(_ part: RingPlan.Part, _ queues: [RingQueue], _ askers: Whereabouts, _ large: LargeReplies, device: Int32)
        throws(SystemError)
    {
        mailbox = try RingMailbox()
        ring = try Ring()
        self.device = device
        processors = part.processors.map { Int32($0) }
        everywhere = part.everywhere.map { Int32($0) }
        self.queues = queues
        self.askers = askers
        self.large = large
        lent = Array(repeating: 0, count: queues.count)
        word = .allocate(capacity: 1)
        word.initialize(to: 0)
    }

    deinit { word.deallocate() }

    /// Serves until the file system is unmounted, or ``RingMailbox/stop()``.
    ///
    /// - Returns: False when the kernel takes no memory for requests: then nobody is answered.
    func serve(_ handler: some ConcurrentRequestHandler, at seat: Int) -> Bool {
        mailbox.moveIn()
        run(on: processors)
        ring.put(readOf: mailbox.descriptor, into: word)
        var isRefused = false
        while true {
            for entry in mailbox.take() { commit(entry) }
            lendMore()
            guard !mailbox.isStopping else {
                ring.handOver()
                return true
            }
            if isVisited { linger() }
            for queue in queues { queue.rest() }
            let error = ring.handOverAndWait()
            for queue in queues { queue.wake() }
            if !oversized.isEmpty, ring.hasHandedOverAll { shrink() }
            guard error == 0 else { return false }
            while let completion = ring.completion() {
                guard let token = completion.token else {
                    ring.put(readOf: mailbox.descriptor, into: word)
                    continue
                }
                let entry = Unmanaged<RingEntry>.fromOpaque(token).takeUnretainedValue()
                lent[place(of: entry)] -= 1
                switch completion.result {
                case 0...: answer(entry, handler, seat)
                case -EAGAIN, -EINTR: putAgain(entry)
                case -ENOTCONN, -ECANCELED, -ENODEV: return true
                default: isRefused = true
                }
            }
            if isRefused { return false }
        }
    }

    private func answer(_ entry: RingEntry, _ handler: some ConcurrentRequestHandler, _ seat: Int) {
        guard let request = entry.request() else {
            entry.finish(error: EIO, payload: 0)
            return commit(entry)
        }
        if askers.note(request.threadID, at: entry.queue.number) { isVisited = true }
        entry.reply.reset()
        switch handler.serve(request, into: entry.reply, at: seat, answering: entry) {
        case .reply, .slowReply:
            entry.finish(error: 0, payload: entry.reply.count)
            settle(afterReplyOf: entry.reply.count)
        case .fail(let error): entry.finish(error: error, payload: 0)
        // Even what needs no reply, such as a FORGET that somebody waits for, has to be given back.
        case .done: entry.finish(error: 0, payload: 0)
        // The reply is in the mailbox, or will be.
        case .later, .sent: return
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

    /// Keeps the thread to processors; without leave it runs elsewhere, which is only slower.
    private func run(on processors: [Int32]) {
        if !processors.isEmpty { _ = clinux_run_on(processors, Int32(processors.count)) }
    }

    /// Leaves the processor of who asks for much: to copy a large reply takes longer than to be woken elsewhere, and meanwhile
    /// he can work on the one before.
    @inline(__always) private func settle(afterReplyOf count: Int) {
        let shouldBeAtHome = count <= LargeReplies.size
        guard shouldBeAtHome != isAtHome else { return }
        isAtHome = shouldBeAtHome
        run(on: isAtHome ? processors : everywhere)
    }

    @inline(__always) private func commit(_ entry: RingEntry) {
        entry.commit(in: ring, device)
        if entry.isTooLarge(large) { oversized.append(entry) }
        lent[place(of: entry)] += 1
    }

    /// What was committed before has been taken with the last system call.
    private func shrink() {
        for entry in oversized { entry.shrink() }
        oversized.removeAll(keepingCapacity: true)
    }

    private func putAgain(_ entry: RingEntry) {
        entry.putAgain(in: ring, device)
        lent[place(of: entry)] += 1
    }

    /// Lends the kernel an entry of each queue where it has none.
    @inline(__always) private func lendMore() {
        for index in queues.indices where lent[index] == 0 { lend(index) }
    }

    private func lend(_ index: Int) {
        guard entries.count < RingThread.most else { return }
        let entry = RingEntry(queues[index], mailbox)
        entries.append(entry)
        entry.register(in: ring, device)
        lent[index] += 1
    }

    private func place(of entry: RingEntry) -> Int {
        queues.count == 1 ? 0 : queues.firstIndex { $0 === entry.queue } ?? 0
    }
}
