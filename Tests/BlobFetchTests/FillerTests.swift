// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Fscache
import Primitives
import TestSupport
import Testing

/// What an external filler may do, and what comes of it.
@Suite final class FillerTests {
    private static let size = 100_000
    private let directory: TemporaryDirectory
    private let volume: Volume
    private let socket: FillerSocket

    init() throws {
        directory = try TemporaryDirectory()
        volume = try Cache(directory: directory.path).volume("erofs,test")
        socket = try FillerSocket(path: directory.path("filler"), volume: volume.key, scratchDirectory: volume.path)
    }

    deinit { socket.stop() }

    /// Opens the blob while the filler answers.
    private func open(_ filler: HandFiller) throws -> Blob {
        let answer = Answer<Result<Blob, FetchError>>()
        let (volume, socket) = (volume, socket)
        var settings = FetchSettings()
        settings.largestReadAhead = 0
        let fixed = settings
        let thread = try NamedThread("opener") {
            answer.give(
                Result { () throws(FetchError) in
                    try Blob.open(
                        "blob", in: volume, sources: [try FillerRemote(socket).source(for: "blob")], settings: fixed)
                })
        }
        _ = try filler.answerOpen(size: FillerTests.size)
        thread.join()
        return try answer.wait().get()
    }

    private func ensure(_ range: Range<UInt64>, of blob: Blob) -> Answer<FetchError?> {
        let answer = Answer<FetchError?>()
        if blob.ensure(range, { answer.give($0) }) == nil { answer.give(nil) }
        return answer
    }

    private func bytes(_ range: Range<UInt64>, of blob: Blob) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: range.count)
        let count = try result.withUnsafeMutableBytes { try blob.read(into: $0, at: range.lowerBound, waiting: true) }
        return Array(result[..<count])
    }

    @Test func whatIsFilledCanBeRead() throws {
        let filler = try HandFiller(directory.path("filler"))
        let blob = try open(filler)
        #expect(blob.size == UInt64(FillerTests.size))
        let answer = ensure(20_000..<20_001, of: blob)
        let read = try filler.read()
        #expect(read.range == 16_384..<32_768)
        filler.fill(read.range, with: 7)
        #expect(throws: BlobReadError.self) { try bytes(20_000..<20_001, of: blob) }
        filler.say("cread \(read.message)\n")
        #expect(answer.wait() == nil)
        #expect(try bytes(16_384..<32_768, of: blob) == [UInt8](repeating: 7, count: 16_384))
        socket.stop()
        #expect(try filler.next() == .close(message: 3, object: 1))
        #expect(try filler.next() == nil)
    }

    @Test func theLastBlockMayBeShort() throws {
        let filler = try HandFiller(directory.path("filler"))
        let blob = try open(filler)
        let answer = ensure(99_999..<100_000, of: blob)
        let read = try filler.read()
        #expect(read.range == 98_304..<100_000)
        filler.fill(read.range, with: 3)
        filler.say("cread \(read.message)")
        #expect(answer.wait() == nil)
        #expect(try bytes(99_999..<100_000, of: blob) == [3])
    }

    /// The rest of what was filled in part is asked for again, as the kernel does.
    @Test func aPrefixIsProgress() throws {
        let filler = try HandFiller(directory.path("filler"))
        let blob = try open(filler)
        let answer = ensure(0..<1, of: blob)
        let first = try filler.read()
        filler.fill(0..<4096, with: 1)
        filler.say("cread \(first.message)")
        let second = try filler.read()
        #expect(second.range == 4096..<16_384)
        filler.fill(second.range, with: 2)
        filler.say("cread \(second.message)")
        #expect(answer.wait() == nil)
        #expect(try bytes(4095..<4097, of: blob) == [1, 2])
    }

    @Test(
        arguments: [
            (nil, "", "it said that it is done, and wrote nothing"),
            (12_288..<16_384, "", "it said that it is done, and wrote only from byte 12288 on"),
            (0..<100, "", "less than a block was written"),
            (0..<16_384, ",-5", "Input/output error"),
        ] as [(Range<Int>?, String, String)])
    func whatIsNotFilledFailsWithTheReason(filled: Range<Int>?, error: String, reason: String) throws {
        let filler = try HandFiller(directory.path("filler"))
        let blob = try open(filler)
        let answer = ensure(0..<1, of: blob)
        let read = try filler.read()
        if let filled { filler.fill(filled, with: 9) }
        filler.say("cread \(read.message)\(error)")
        let failure = try #require(answer.wait())
        #expect(failure.description.contains(reason), "\(failure)")
        #expect(blob.cookie.presentBytes == 0)
        // The next reader asks anew.
        let again = ensure(0..<1, of: blob)
        let retry = try filler.read()
        #expect(retry.message != read.message)
        filler.fill(retry.range, with: 4)
        filler.say("cread \(retry.message)")
        #expect(again.wait() == nil)
    }

    @Test func whoComesAfterADeadFillerIsToldEverything() throws {
        var filler: HandFiller? = try HandFiller(directory.path("filler"))
        let blob = try open(try #require(filler))
        let answer = ensure(0..<1, of: blob)
        let lost = try filler?.read()
        filler = nil
        let heir = try HandFiller(directory.path("filler"))
        #expect(try heir.answerOpen(size: FillerTests.size) == 2)
        let read = try heir.read()
        #expect(read.range == lost?.range)
        // "restore" makes it new once more, under another number.
        heir.say("restore")
        let again = try heir.read()
        #expect(again.range == read.range && again.message != read.message)
        heir.say("cread \(read.message)")
        #expect(try heir.next() == .refused(message: read.message, errno: 22))
        heir.fill(again.range, with: 5)
        heir.say("cread \(again.message)")
        #expect(answer.wait() == nil)
        #expect(try bytes(0..<1, of: blob) == [5])
    }

    @Test func anotherSizeIsAnotherBlob() throws {
        var filler: HandFiller? = try HandFiller(directory.path("filler"))
        let blob = try open(try #require(filler))
        filler = nil
        let answer = ensure(0..<1, of: blob)
        let heir = try HandFiller(directory.path("filler"))
        _ = try heir.answerOpen(size: 50_000)
        #expect(answer.wait() == .changed(source: "filler", reason: "it has 50000 bytes now"))
    }

    @Test(arguments: [
        "", "copen", "copen 1", "copen x,1", "copen 1,-5000", "cread 1,5", "cread 1,2,3", "cull x", "copen 99,5",
        "cread 99",
    ])
    func wrongCommandsAreRefused(command: String) throws {
        let filler = try HandFiller(directory.path("filler"))
        filler.say(command.isEmpty ? "\n" : command)
        guard case .refused(_, let errno) = try filler.next() else {
            Issue.record("it was taken")
            return
        }
        #expect(errno == 22)
    }

    @Test func messagesAreThoseOfTheKernel() throws {
        let open = FillerMessage.open(message: 0, object: 1, volume: "erofs,test.img", cookie: "test.img").bytes
        let head: [UInt8] = [0, 0, 0, 0, 0, 0, 0, 0, 55, 0, 0, 0, 1, 0, 0, 0, 15, 0, 0, 0, 8, 0, 0, 0]
        #expect(open == head + [255, 255, 255, 255, 0, 0, 0, 0] + Array("erofs,test.img\0test.img".utf8))
        let read = FillerMessage.read(message: 1, object: 1, start: 0, length: 4096).bytes
        #expect(
            read == [1, 0, 0, 0, 2, 0, 0, 0, 32, 0, 0, 0, 1, 0, 0, 0] + [UInt8](repeating: 0, count: 9) + [
                16, 0, 0, 0, 0, 0, 0,
            ])
        for bytes in [open, read, FillerMessage.close(message: 3, object: 2).bytes] {
            #expect(bytes.withUnsafeBytes { FillerMessage($0)?.bytes } == bytes)
            for cut in 0..<bytes.count { #expect(bytes[..<cut].withUnsafeBytes { FillerMessage($0) } == nil) }
        }
    }
}
