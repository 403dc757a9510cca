// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Glibc
import ImageMount
import Primitives

/// The layers that are open: opened when somebody looks into them, let go when nobody has for a while.
///
/// Letting go loses nothing. A branch has no state that the kernel would miss, and opens again at the next question, from the
/// cache.
final class OpenLayers: Sendable {
    private struct Layer {
        var branch: ImageBranch?
        /// Requests, copied, that wait until it is open; nil while nobody opens it.
        var waiting: [UInt64: [UInt8]]?
        /// How often the container tool has said that it uses it, less how often that it does not any more.
        var uses = 0
        var lastAsked = MonotonicTime.now
    }

    private struct State {
        var layers: [Int: Layer] = [:]
        /// Let go, with requests that still wait.
        var leaving: [ImageBranch] = []
    }

    private let state = Locked(State())
    private let open: @Sendable (Int) -> ImageBranch?
    private let channel: any ReplyChannel
    private let pool: WorkerPool

    /// - Parameter open: Opens the layer of a slot; called on a worker.
    init(channel: any ReplyChannel, pool: WorkerPool, open: @escaping @Sendable (Int) -> ImageBranch?) {
        self.channel = channel
        self.pool = pool
        self.open = open
    }

    /// The branch of a slot, if it is open.
    func branch(_ slot: Int) -> ImageBranch? {
        state.withLock { state in
            guard let branch = state.layers[slot]?.branch else { return nil }
            state.layers[slot]?.lastAsked = .now
            return branch
        }
    }

    /// Keeps a request until the layer of the slot is open; one that has just been opened answers it.
    func wait(_ slot: Int, _ request: Request) -> Outcome {
        let (unique, copy) = (request.unique, request.copy)
        let (branch, mustOpen) = state.withLock { state -> (ImageBranch?, Bool) in
            var layer = state.layers[slot] ?? Layer()
            if let branch = layer.branch { return (branch, false) }
            defer { state.layers[slot] = layer }
            let mustOpen = layer.waiting == nil
            layer.waiting = (layer.waiting ?? [:]).merging([unique: copy]) { $1 }
            return (nil, mustOpen)
        }
        branch?.serveLater(request)
        guard mustOpen else { return .later }
        let isTaken = pool.run { [self] _ in opened(slot, open(slot)) }
        if !isTaken { opened(slot, nil) }
        return .later
    }

    private func opened(_ slot: Int, _ branch: ImageBranch?) {
        let waiting = state.withLock { state -> [[UInt8]] in
            var layer = state.layers[slot] ?? Layer()
            defer { state.layers[slot] = layer }
            let waiting = layer.waiting ?? [:]
            layer.waiting = nil
            layer.branch = branch
            layer.lastAsked = .now
            return Array(waiting.values)
        }
        for bytes in waiting {
            bytes.withUnsafeBytes { bytes in
                guard let request = Request(bytes) else { return }
                if let branch { branch.serveLater(request) } else { channel.send(error: EIO, to: request.unique) }
            }
        }
    }

    /// A reader is gone: what it waits for is given up.
    func interrupt(_ request: Request, into reply: ReplyBuffer) {
        let unique = request.u64(0)
        let (branches, isWaiting) = state.withLock { state -> ([ImageBranch], Bool) in
            var found = false
            for slot in state.layers.keys {
                if state.layers[slot]?.waiting?.removeValue(forKey: unique) != nil { found = true }
            }
            return (state.layers.values.compactMap(\.branch) + state.leaving, found)
        }
        if isWaiting { return channel.send(error: EINTR, to: unique) }
        for branch in branches { _ = branch.serve(request, into: reply) }
    }

    /// Counts a use of the slot's layer, or one less.
    func use(_ slot: Int, by change: Int) {
        state.withLock { state in
            var layer = state.layers[slot] ?? Layer()
            layer.uses = max(0, layer.uses + change)
            state.layers[slot] = layer
        }
    }

    /// Lets go of layers that nobody has asked for this long.
    ///
    /// - Parameters:
    ///   - unused: Milliseconds for layers that the container tool does not use.
    ///   - used: Milliseconds for the others.
    func letGo(unused: UInt64, used: UInt64) {
        let now = MonotonicTime.now.nanoseconds
        let gone = state.withLock { state -> [ImageBranch] in
            for (slot, layer) in state.layers {
                let patience = (layer.uses == 0 ? unused : used) &* 1_000_000
                guard let branch = layer.branch, now &- layer.lastAsked.nanoseconds > patience else { continue }
                state.layers[slot]?.branch = nil
                state.leaving.append(branch)
            }
            let gone = state.leaving.filter { !$0.isWaiting }
            state.leaving.removeAll { branch in gone.contains { $0 === branch } }
            return gone
        }
        for branch in gone { branch.stop() }
    }

    /// How many are open.
    var count: Int { state.withLock { $0.layers.values.count { $0.branch != nil } } }

    /// Ends everything; no request may follow.
    func stop() {
        let branches = state.withLock { state -> [ImageBranch] in
            defer { state = State() }
            return state.layers.values.compactMap(\.branch) + state.leaving
        }
        for branch in branches { branch.stop() }
    }
}
