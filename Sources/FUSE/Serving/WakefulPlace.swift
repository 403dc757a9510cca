// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import Synchronization

/// Keeps a processor from being idle for a moment, giving way to everybody.
///
/// A thread of its own does that, which sleeps otherwise; it starts when it is needed for the first time.
final class WakefulPlace: Sendable {
    /// How long; nanoseconds.
    private static let moment: UInt64 = 10_000_000

    private let work: Work
    private let thread = Locked<NamedThread?>(nil)

    /// What the thread shares with who calls it.
    private final class Work: Sendable {
        let bell: Bell?
        let processor = Atomic<Int32>(-1)
        let end = Atomic<UInt64>(0)
        let isStopping = Atomic<Bool>(false)

        init() { bell = try? Bell() }

        func run() {
            guard let bell else { return }
            var (here, rings): (Int32, UInt64) = (-1, 0)
            while read(bell.descriptor, &rings, 8) == 8 || errno == EINTR, !isStopping.load(ordering: .relaxed) {
                let processor = processor.load(ordering: .relaxed)
                if processor != here, Processors.keepThread(to: [processor]) { here = processor }
                guard here == processor else { continue }
                while !isOver(at: here) { sched_yield() }
            }
        }

        private func isOver(at here: Int32) -> Bool {
            MonotonicTime.now.nanoseconds >= end.load(ordering: .relaxed) || processor.load(ordering: .relaxed) != here
                || isStopping.load(ordering: .relaxed)
        }
    }

    init() { work = Work() }

    deinit {
        work.isStopping.store(true, ordering: .relaxed)
        work.bell?.ring()
        thread.withLock { $0 }?.join()
    }

    /// Keeps a processor awake from now on, and another one no longer.
    ///
    /// Does not wait.
    func stayAwake(at processor: Int32) {
        guard let bell = work.bell else { return }
        work.processor.store(processor, ordering: .relaxed)
        work.end.store(MonotonicTime.now.nanoseconds &+ WakefulPlace.moment, ordering: .relaxed)
        thread.withLock { thread in
            // Without a thread to be had it is only slower.
            if thread == nil { thread = try? NamedThread("wakeful") { [work] in work.run() } }
        }
        bell.ring()
    }
}
