// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import CCurl
internal import Primitives

/// The one thread of the process that talks to the network, by libcurl's multi interface.
///
/// Everything in this module that has no lock of its own is used on this thread only: work comes in through ``perform(_:)``
/// and ``perform(after:_:)``, answers go out through the receivers. The thread starts with the first work, so a process may
/// fork before that.
final class HTTPEngine: @unchecked Sendable {
    /// The engine of the process.
    static let shared = HTTPEngine()

    private struct Inbox {
        var work: [@Sendable () -> Void] = []
        var isStarted = false
    }

    private struct Timer {
        var due: MonotonicTime
        var body: @Sendable () -> Void
    }

    private let inbox = Locked(Inbox())
    private let multi: UnsafeMutableRawPointer?
    private var active: [UnsafeMutableRawPointer: HTTPExchange] = [:]
    private var timers: [UInt64: Timer] = [:]
    private var lastTimer: UInt64 = 0

    private init() {
        curl_global_init(Int(CURL_GLOBAL_DEFAULT))
        multi = curl_multi_init()
        if let multi { _ = ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 64) }
    }

    /// Runs `work` on the engine's thread, soon; callable from any thread.
    func perform(_ work: @escaping @Sendable () -> Void) {
        let mustStart = inbox.withLock { inbox in
            inbox.work.append(work)
            defer { inbox.isStarted = true }
            return !inbox.isStarted
        }
        if mustStart {
            if (try? NamedThread("http", { self.run() })) == nil { inbox.withLock { $0.isStarted = false } }
        } else if let multi {
            curl_multi_wakeup(multi)
        }
    }

    /// Runs `body` on the engine's thread after `milliseconds`; to be called on that thread.
    ///
    /// - Returns: What ``cancelTimer(_:)`` takes.
    @discardableResult func perform(after milliseconds: UInt64, _ body: @escaping @Sendable () -> Void) -> UInt64 {
        lastTimer &+= 1
        timers[lastTimer] = Timer(due: MonotonicTime.now.advanced(milliseconds: milliseconds), body: body)
        return lastTimer
    }

    /// Forgets a timer that has not run; to be called on the engine's thread.
    func cancelTimer(_ id: UInt64?) { if let id { timers[id] = nil } }

    /// Sends a request; to be called on the engine's thread.
    func start(_ exchange: HTTPExchange) {
        guard let multi, exchange.prepare(), let easy = exchange.easy, curl_multi_add_handle(multi, easy) == CURLM_OK
        else {
            exchange.release()
            perform { exchange.finish(HTTPFailure.malformed("libcurl does not take the request")) }
            return
        }
        active[easy] = exchange
    }

    /// Ends an exchange without a word to its receiver; to be called on the engine's thread, not from a receiver.
    func cancel(_ exchange: HTTPExchange) {
        exchange.silence()
        remove(exchange)
    }

    private func run() {
        while true {
            for work in inbox.withLock({ inbox in
                let work = inbox.work
                inbox.work = []
                return work
            }) { work() }
            runTimers()
            var running: Int32 = 0
            curl_multi_perform(multi, &running)
            finishDone()
            finishStalled()
            curl_multi_poll(multi, nil, 0, Int32(clamping: pause()), nil)
        }
    }

    private func runTimers() {
        let now = MonotonicTime.now
        for id in timers.filter({ $0.value.due <= now }).keys.sorted() { timers.removeValue(forKey: id)?.body() }
    }

    private func finishDone() {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            guard message.pointee.msg == CURLMSG_DONE, let easy = message.pointee.easy_handle,
                let exchange = active[easy]
            else { continue }
            let code = message.pointee.data.result
            remove(exchange)
            exchange.finish(code)
        }
    }

    private func finishStalled() {
        let now = MonotonicTime.now
        for exchange in active.values where stallMoment(exchange) <= now {
            remove(exchange)
            exchange.finish(HTTPFailure.stalled("no byte came for \(exchange.request.transport.stallTimeout) ms"))
        }
    }

    private func remove(_ exchange: HTTPExchange) {
        guard let easy = exchange.easy, active.removeValue(forKey: easy) != nil else { return }
        curl_multi_remove_handle(multi, easy)
        exchange.release()
    }

    private func stallMoment(_ exchange: HTTPExchange) -> MonotonicTime {
        exchange.lastProgress.advanced(milliseconds: exchange.request.transport.stallTimeout)
    }

    /// Milliseconds until the next timer or stall; libcurl's own timers and sockets are watched by itself.
    private func pause() -> UInt64 {
        let now = MonotonicTime.now
        var next = now.advanced(milliseconds: 60_000)
        for timer in timers.values { next = min(next, timer.due) }
        for exchange in active.values { next = min(next, stallMoment(exchange)) }
        return next <= now ? 0 : now.milliseconds(until: next) + 1
    }
}
