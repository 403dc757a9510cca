// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives
import RemoteSources
import Testing

/// An HTTP source against servers that behave, misbehave and go away.
@Suite(.serialized) struct WebRemoteTests {
    private let blob = pattern(10_000)

    /// The outcome of identifying a blob and reading a range of it from a scripted server.
    private func read(
        _ range: Range<UInt64> = 100..<5000, size: UInt64 = 10_000, tag: String? = "\"v1\"",
        settings: RemoteSettings = quickSettings(), _ script: @escaping ScriptedServer.Script
    ) throws -> [UInt8] {
        let server = try ScriptedServer(script)
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url, settings: settings).source(for: "blob")
        return try source.bytes(range, of: BlobIdentity(size: size, validator: tag))
    }

    private func failure(
        _ range: Range<UInt64> = 100..<5000, settings: RemoteSettings = quickSettings(),
        _ script: @escaping ScriptedServer.Script
    ) -> FetchError? {
        do {
            _ = try read(range, settings: settings, script)
            return nil
        } catch { return error as? FetchError }
    }

    private var wanted: [UInt8] { Array(blob[100..<5000]) }

    @Test func readsARangeAndLearnsTheSize() throws {
        let blob = self.blob
        let server = try ScriptedServer { $1.serve(blob, $0) }
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url + "a b/", settings: quickSettings()).source(for: "x/y+z")
        let identity = try source.identity()
        #expect(identity == BlobIdentity(size: 10_000, validator: "\"v1\""))
        #expect(try source.bytes(9_990..<10_000, of: identity) == Array(blob[9_990...]))
        let request = try #require(server.requests.last)
        #expect(request.target == "/a%20b/x/y%2Bz")
        #expect(request.fields["accept-encoding"] == "identity")
        #expect(request.fields["if-range"] == "\"v1\"")
    }

    @Test func emptyBlobHasSizeZero() throws {
        let server = try ScriptedServer { $1.serve([], $0) }
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url, settings: quickSettings()).source(for: "empty")
        #expect(try source.identity().size == 0)
        #expect(try source.bytes(0..<0, of: BlobIdentity(size: 0)) == [])
    }

    @Test func namesCannotLeaveThePrefix() throws {
        let remote = try RemoteLocation.remote("http://127.0.0.1:1/p", settings: quickSettings())
        for name in ["", "..", "a/../../b", "/etc/passwd", "a//b", "."] {
            #expect(throws: FetchError.self) { try remote.source(for: name) }
        }
    }

    @Test func wholeBodyInsteadOfRangeIsReadThrough() throws {
        let blob = self.blob
        #expect(try read { $1.answer(200, ["ETag": "\"v1\""], blob) } == wanted)
    }

    @Test func truncatedBodyIsResumedAtTheBreak() throws {
        let blob = self.blob
        let count = Counter()
        let bytes = try read { request, connection in
            guard count.next() == 1, let range = request.range else { return connection.serve(blob, request) }
            connection.answer(
                206,
                [
                    "Content-Range": "bytes \(range.lowerBound)-\(range.upperBound - 1)/10000",
                    "Content-Length": "\(range.count)", "ETag": "\"v1\"",
                ], blob[range.prefix(1000)])
            connection.end()
        }
        #expect(bytes == wanted)
        #expect(count.value == 2)
    }

    @Test func resetBeforeTheAnswerIsRetried() throws {
        let blob = self.blob
        let count = Counter()
        #expect(try read { count.next() <= 2 ? $1.reset() : $1.serve(blob, $0) } == wanted)
        #expect(count.value == 3)
    }

    @Test func wrongRangeIsRefused() {
        let blob = self.blob
        let error = failure { request, connection in
            connection.answer(206, ["Content-Range": "bytes 0-4899/10000"], blob[0..<4900])
        }
        #expect(error?.kind == "badAnswer")
    }

    @Test func contradictoryLengthIsRefused() {
        let blob = self.blob
        let error = failure { request, connection in
            connection.answer(206, ["Content-Range": "bytes 100-4999/10000"], blob[100..<4000])
        }
        #expect(error?.kind == "badAnswer")
    }

    @Test func encodedBodyIsRefused() {
        let blob = self.blob
        let error = failure { request, connection in
            connection.answer(
                206, ["Content-Range": "bytes 100-4999/10000", "Content-Encoding": "gzip"], blob[100..<5000])
        }
        #expect(error?.kind == "badAnswer")
    }

    @Test func changedBlobIsNoticed() {
        let blob = self.blob
        #expect(failure { $1.serve(blob, $0, tag: "\"v2\"") }?.kind == "changed")
        #expect(failure { $1.serve(blob + [1], $0) }?.kind == "changed")
    }

    @Test func unsatisfiableRangeWithAFalseLengthDoesNotHang() {
        let error = failure { request, connection in
            connection.answer(416, ["Content-Range": "bytes */10000", "Content-Length": "10000"])
        }
        #expect(error?.kind == "badAnswer")
    }

    @Test func stalledAnswersTimeOut() throws {
        let blob = self.blob
        let holder = Locked<ScriptedServer?>(nil)
        let server = try ScriptedServer { request, connection in
            if request.target == "/head" {
                connection.send(
                    Array("HTTP/1.1 206 P\r\nContent-Range: bytes 0-99/10000\r\nContent-Length: 100\r\n\r\n".utf8))
            }
            if request.target == "/ok" { return connection.serve(blob, request) }
            holder.withLock { $0 }?.stall()
        }
        holder.withLock { $0 = server }
        defer { server.stop() }
        var hasty = quickSettings()
        hasty.transfer.transport.stallTimeout = 100
        let identity = BlobIdentity(size: 10_000)
        for name in ["head", "silent"] {
            let source = try RemoteLocation.remote(server.url, settings: hasty).source(for: name)
            let error = #expect(throws: FetchError.self) { try source.bytes(0..<100, of: identity) }
            #expect(error?.kind == "timeout")
        }
        let source = try RemoteLocation.remote(server.url, settings: quickSettings()).source(for: "ok")
        #expect(try source.bytes(0..<100, of: identity) == Array(blob[..<100]))
    }

    @Test func deadlineEndsEndlessRetries() throws {
        let server = try ScriptedServer { $1.answer(503) }
        defer { server.stop() }
        var settings = quickSettings()
        settings.transfer.retry.attempts = .max
        settings.transfer.deadline = 300
        let source = try RemoteLocation.remote(server.url, settings: settings).source(for: "x")
        #expect(throws: FetchError.self) { try source.identity() }
    }

    @Test func busyServersAreAskedAgain() throws {
        let blob = self.blob
        let count = Counter()
        let bytes = try read { request, connection in
            switch count.next() {
            case 1: connection.answer(429, ["Retry-After": "0"])
            case 2: connection.answer(503)
            default: connection.serve(blob, request)
            }
        }
        #expect(bytes == wanted)
        #expect(failure { $1.answer(503) }?.kind == "unreachable")
        #expect(failure { $1.answer(429, ["Retry-After": "86400"]) }?.kind == "unreachable")
    }

    @Test func refusalsAreFinal() {
        let count = Counter()
        #expect(
            failure {
                count.next()
                $1.answer(404)
            }?.kind == "notFound")
        #expect(failure { $1.answer(403) }?.kind == "denied")
        #expect(failure { $1.answer(401, ["WWW-Authenticate": "Basic realm=\"x\""]) }?.kind == "denied")
        #expect(failure { $1.answer(501) }?.kind == "badAnswer")
        #expect(
            failure {
                $1.send(Array("SSH-2.0-dropbear\r\n".utf8))
                $1.end()
            } != nil)
        #expect(count.value == 1)
    }

    @Test func cancelledReadsEndAsCancelled() throws {
        let holder = Locked<ScriptedServer?>(nil)
        let arrived = Promise<Bool>()
        let server = try ScriptedServer { _, _ in
            arrived.set(true)
            holder.withLock { $0 }?.stall()
        }
        holder.withLock { $0 = server }
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url, settings: quickSettings()).source(for: "x")
        let promise = Promise<FetchError?>()
        let handle = source.read(0..<10, of: BlobIdentity(size: 10), into: CollectingTarget(), priority: .foreground) {
            if case .failure(let error) = $0 { promise.set(error) } else { promise.set(nil) }
        }
        #expect(arrived.wait() == true)
        handle.cancel()
        #expect(promise.wait() == .some(.cancelled))
    }

    @Test func deadServerFailsAndComesBack() throws {
        let blob = self.blob
        let server = try ScriptedServer { $1.serve(blob, $0) }
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url, settings: quickSettings()).source(for: "blob")
        let identity = try source.identity()
        server.pause()
        for _ in 0..<3 {
            let error = #expect(throws: FetchError.self) { try source.bytes(0..<10, of: identity) }
            #expect(error?.kind == "unreachable")
        }
        try server.start()
        #expect(try source.bytes(0..<10, of: identity) == Array(blob[..<10]))
    }

    @Test func manyReadsAtOnceAllEnd() throws {
        let blob = self.blob
        let server = try ScriptedServer { $1.serve(blob, $0) }
        defer { server.stop() }
        let source = try RemoteLocation.remote(server.url, settings: quickSettings()).source(for: "blob")
        let targets = (0..<64).map { _ in (CollectingTarget(), Promise<Bool>()) }
        for (index, (target, promise)) in targets.enumerated() {
            let start = UInt64(index * 100)
            _ = source.read(
                start..<start + 100, of: BlobIdentity(size: 10_000), into: target,
                priority: index % 2 == 0 ? .foreground : .background
            ) { promise.set((try? $0.get()) != nil) }
        }
        for (index, (target, promise)) in targets.enumerated() {
            #expect(promise.wait() == true)
            #expect(target.bytes == Array(blob[index * 100..<index * 100 + 100]))
        }
    }
}

extension FetchError {
    /// The name of the case.
    var kind: String { Mirror(reflecting: self).children.first?.label ?? "cancelled" }
}
