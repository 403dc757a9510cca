// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
package import Primitives

/// A socket at which an external filler takes the part of the kernel's on-demand daemon: it is told which bytes are
/// missing, writes them, and says so.
///
/// Packets over a Unix socket (SOCK_SEQPACKET) stand for reads and writes of `/dev/cachefiles`: messages as
/// `FillerMessage`, commands as `FillerCommand`. With OPEN comes a descriptor of a sparse file, into which the filler
/// writes the blob's bytes at their place, in whole blocks of 4096 bytes (the blob's last may be shorter). They go
/// through the checks that all fetched bytes go through before anybody can read them.
///
/// There is one filler at a time, of the same user or root. When it goes, what it was told waits for the next one.
package final class FillerSocket: Sendable {
    private struct State {
        var queue = FillerQueue()
        var connection: Descriptor?
        var isStopping = false
        /// Since when no filler is there.
        var absentSince = MonotonicTime.now
    }

    /// Milliseconds that an OPEN waits for a filler to come; READs wait as long as their readers do.
    private static let patience: UInt64 = 60_000
    private let path: String
    private let volume: String
    private let scratchDirectory: String
    private let listener: Descriptor
    private let wakeReader: Descriptor
    private let wakeWriter: Descriptor
    private let state = Locked(State())
    private let thread = Locked<NamedThread?>(nil)

    /// Listens at `path`, where nothing must be but a socket that a killed mount has left.
    ///
    /// - Parameters:
    ///   - volume: The key of the volume, for the filler.
    ///   - scratchDirectory: Where the files for the filler lie, without a name.
    package init(path: String, volume: String, scratchDirectory: String) throws(SystemError) {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe2(&ends, O_CLOEXEC | O_NONBLOCK) == 0 else { throw SystemError("pipe2") }
        wakeReader = Descriptor(owning: ends[0])
        wakeWriter = Descriptor(owning: ends[1])
        let type = Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
        listener = try UnixSocketAddress.listen(at: path, type: type, backlog: 4, takingOver: false)
        self.path = path
        self.volume = volume
        self.scratchDirectory = scratchDirectory
        let started = try NamedThread("filler") { [self] in serve() }
        thread.withLock { $0 = started }
    }

    /// Says CLOSE of every object, takes the socket away, and fails what is asked still.
    package func stop() {
        let isFirst = state.withLock { state in
            defer { state.isStopping = true }
            return !state.isStopping
        }
        guard isFirst else { return }
        wake()
        thread.withLock { $0.take() }?.join()
        unlink(path)
    }

    /// The file that the filler fills for a blob; made when it is not there.
    func scratch(for cookie: String) throws(FetchError) -> Descriptor {
        try state.withLock { (state) throws(FetchError) in
            if let known = state.queue.objects[cookie] { return known.scratch }
            let scratch: Descriptor
            do throws(SystemError) {
                scratch = try Descriptor.open(scratchDirectory, O_RDWR | clinux_o_tmpfile)
            } catch {
                throw .cache(reason: error.description)
            }
            state.queue.add(cookie, scratch: scratch)
            return scratch
        }
    }

    /// The size that a filler has told of a blob; nil when it was not asked yet.
    func size(of cookie: String) -> UInt64? { state.withLock { $0.queue.objects[cookie]?.size } }

    /// Asks the filler; the completion comes on the thread of this socket, exactly once.
    func ask(_ kind: FillerQueue.Question.Kind, of cookie: String, _ completion: @escaping FillerQueue.Completion) {
        let isTaken = state.withLock { state in
            if !state.isStopping { state.queue.ask(kind, of: cookie, completion) }
            return !state.isStopping
        }
        if isTaken { wake() } else { completion(.failure(.absent)) }
    }

    private func wake() {
        var byte: UInt8 = 1
        _ = write(wakeWriter.raw, &byte, 1)
    }

    private func serve() {
        while !state.withLock({ $0.isStopping }) {
            let isBlocked = tell()
            waitForEvents(isBlocked)
        }
        sayGoodbye()
        for question in state.withLock({ $0.queue.drain(opensOnly: false) }) { question.completion(.failure(.absent)) }
    }

    /// Sleeps until something comes, and takes it.
    private func waitForEvents(_ isBlocked: Bool) {
        let connection = state.withLock { $0.connection }
        var events = [
            pollfd(fd: wakeReader.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: listener.raw, events: Int16(POLLIN), revents: 0),
            pollfd(fd: connection?.raw ?? -1, events: Int16(isBlocked ? POLLIN | POLLOUT : POLLIN), revents: 0),
        ]
        let count = poll(&events, 3, connection == nil ? 1000 : -1)
        if connection == nil { failOpensWithoutFiller() }
        guard count > 0 else { return }
        if events[0].revents != 0 {
            var bytes = [UInt8](repeating: 0, count: 64)
            _ = read(wakeReader.raw, &bytes, bytes.count)
        }
        // First the old filler, whose end may have come together with its heir.
        if let connection, events[2].revents & ~Int16(POLLOUT) != 0 { take(from: connection) }
        if events[1].revents != 0 { takeConnection() }
    }

    private func takeConnection() {
        let raw = accept(listener.raw, nil, nil)
        guard raw >= 0 else { return }
        let connection = Descriptor(owning: raw)
        _ = fcntl(raw, F_SETFD, FD_CLOEXEC)
        _ = fcntl(raw, F_SETFL, O_NONBLOCK)
        let user = clinux_peer_user(raw)
        guard user == 0 || user == Int64(getuid()) else { return }
        state.withLock { state in
            // A second one is turned away: two would fill the same file.
            guard state.connection == nil else { return }
            state.connection = connection
            state.queue.restore(isNewFiller: true)
        }
    }

    /// Tells the filler what it does not know yet.
    ///
    /// - Returns: Whether it takes no more for the moment.
    private func tell() -> Bool {
        while true {
            let next: (connection: Descriptor, message: FillerMessage, scratch: Descriptor?)? = state.withLock {
                state in
                guard let connection = state.connection, let next = state.queue.next(volume: volume) else { return nil }
                return (connection, next.message, next.scratch)
            }
            guard let next else { return false }
            if FillerSocket.send(next.message, next.scratch, to: next.connection) { continue }
            let isBlocked = errno == EAGAIN || errno == EINTR
            state.withLock { $0.queue.untell(next.message) }
            if !isBlocked { leave() }
            return isBlocked
        }
    }

    private func take(from connection: Descriptor) {
        var bytes = [UInt8](repeating: 0, count: 4096)
        while true {
            let count = recv(connection.raw, &bytes, bytes.count, 0)
            if count < 0, errno == EINTR { continue }
            if count < 0, errno == EAGAIN { return }
            guard count > 0 else { return leave() }
            obey(String(decoding: bytes[..<count], as: UTF8.self), from: connection)
        }
    }

    private func obey(_ text: String, from connection: Descriptor) {
        guard let command = FillerCommand(text) else { return refuse(0, to: connection) }
        let (message, action): (UInt32, (() -> Void)?) = state.withLock { state in
            switch command {
            case .openDone(let message, let size): return (message, state.queue.opened(message, size))
            case .readDone(let message, let errno): return (message, state.queue.read(message, errno))
            case .restore:
                state.queue.restore(isNewFiller: false)
                return (0, {})
            }
        }
        if let action { action() } else { refuse(message, to: connection) }
    }

    private func refuse(_ message: UInt32, to connection: Descriptor) {
        _ = FillerSocket.send(.refused(message: message, errno: EINVAL), nil, to: connection)
    }

    /// The filler has gone.
    private func leave() {
        state.withLock { state in
            state.connection = nil
            state.absentSince = .now
            state.queue.restore(isNewFiller: true)
        }
    }

    private func failOpensWithoutFiller() {
        let late = state.withLock { state in
            state.absentSince.advanced(milliseconds: FillerSocket.patience) <= .now
                ? state.queue.drain(opensOnly: true) : []
        }
        for question in late { question.completion(.failure(.absent)) }
    }

    private func sayGoodbye() {
        let (connection, messages): (Descriptor?, [FillerMessage]) = state.withLock { state in
            let open = state.queue.objects.values.map(\.number).filter { $0 != 0 }.sorted()
            defer { state.connection = nil }
            return (state.connection, open.map { .close(message: state.queue.nextMessage(), object: $0) })
        }
        guard let connection else { return }
        for message in messages { _ = FillerSocket.send(message, nil, to: connection) }
    }

    private static func send(_ message: FillerMessage, _ scratch: Descriptor?, to connection: Descriptor) -> Bool {
        let bytes = message.bytes
        return clinux_send_with_descriptor(connection.raw, bytes, bytes.count, scratch?.raw ?? -1) >= 0
    }
}
