// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import Glibc
import Primitives

/// Walks a whole image and reads everything in it: inodes, directories, extended attributes, and every byte of files.
///
/// Several threads share the work; each inode is visited once, so loops of directories end. Bytes that are not cached
/// are fetched.
package final class ImageCheck: Sendable {
    /// Damage, and where it is.
    package struct Finding: Equatable, Sendable, CustomStringConvertible {
        /// The path from the root, as far as it is known.
        package let path: String
        /// What is wrong.
        package let text: String

        package var description: String { "\(path): \(text)" }
    }

    /// What was looked at so far.
    package struct Progress: Equatable, Sendable {
        /// Inodes visited.
        package var inodes: UInt64 = 0
        /// Bytes of content read.
        package var bytes: UInt64 = 0
        /// Damage found.
        package var findings: UInt64 = 0
    }

    /// An inode to look at.
    struct Visit: Sendable {
        let nid: NodeID
        let parent: NodeID
        let path: String
        let depth: Int
    }

    private struct State {
        var queue: [Visit]
        var working = 0
        var seen: Set<NodeID>
        var progress = Progress()
    }

    let reader: ImageReader
    private let state: Locked<State>
    private let changed = Condition()
    private let found: @Sendable (Finding) -> Void

    /// A path cannot be longer than Linux allows, and every directory adds two bytes to it.
    static let deepest = 2048

    /// - Parameter found: Told of each damage, from the thread that has met it.
    package init(_ reader: ImageReader, found: @escaping @Sendable (Finding) -> Void) {
        self.reader = reader
        self.found = found
        let root = reader.image.root
        let start = Visit(nid: root, parent: root, path: "/", depth: 0)
        state = Locked(State(queue: [start], seen: [root]))
    }

    /// What was looked at so far; from any thread.
    package var progress: Progress { state.withLock { $0.progress } }

    /// Checks everything, on `threads` threads besides the caller's.
    package func run(threads: Int) {
        let helpers = (0..<max(0, threads)).compactMap { _ in try? NamedThread("check") { [self] in work() } }
        work()
        for helper in helpers { helper.join() }
    }

    /// Reports damage.
    func report(_ path: String, _ text: String) {
        state.withLock { $0.progress.findings += 1 }
        found(Finding(path: path, text: text))
    }

    /// Counts content that was read.
    func count(bytes: Int) { state.withLock { $0.progress.bytes += UInt64(bytes) } }

    /// Adds an inode to look at, unless that is done or planned.
    ///
    /// - Returns: False for an inode that was seen before.
    @discardableResult
    func plan(_ visit: Visit) -> Bool {
        let isNew = state.withLock { state in
            guard state.seen.insert(visit.nid).inserted else { return false }
            state.queue.append(visit)
            return true
        }
        if isNew { changed.signal() }
        return isNew
    }

    private func work() {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
        defer { buffer.deallocate() }
        while let visit = next() {
            InodeCheck(check: self, visit: visit, buffer: buffer).run()
            state.withLock { state in
                state.working -= 1
                state.progress.inodes += 1
            }
            changed.broadcast()
        }
    }

    /// The next inode; nil when nothing is left and nobody may add to it.
    private func next() -> Visit? {
        state.withLock(waitingOn: changed) { state, waiter in
            while state.queue.isEmpty {
                if state.working == 0 { return nil }
                waiter.wait(for: &state)
            }
            state.working += 1
            return state.queue.removeLast()
        }
    }
}
