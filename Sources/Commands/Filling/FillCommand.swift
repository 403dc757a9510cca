// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlobFetch
import CLinux
import Glibc
import Primitives

/// `fill`: fills the holes of a mount's blobs from files, by itself or by hand.
struct FillCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fill", abstract: "Fills a mount's blobs from files: by itself, or by commands.",
        discussion: """
            With --from it answers everything that the mount asks. Without, it prints what the mount asks, and takes \
            commands from standard input, one a line: \
            'copen MESSAGE,SIZE', 'fill OBJECT OFFSET LENGTH FILE' (the bytes of FILE at OFFSET go to the same place), \
            'cread MESSAGE[,-ERRNO]', 'restore', 'quit'. Offsets and lengths may be hexadecimal, with 0x before them.
            """)

    @Argument(help: "The socket that `mount --filler` was given.")
    var socket: String

    @Option(help: "A directory with the blobs as files, by their names: answer everything from it.")
    var from: String?

    func run() throws {
        let client = try FillerClient(path: socket)
        if let from { return try answerAll(client, from) }
        var isInputOpen = true
        while true {
            var events = [
                pollfd(fd: client.connection.raw, events: Int16(POLLIN), revents: 0),
                pollfd(fd: isInputOpen ? 0 : -1, events: Int16(POLLIN), revents: 0),
            ]
            guard poll(&events, 2, -1) > 0 else { continue }
            if events[0].revents != 0 {
                guard let message = try client.next() else { return }
                StandardOutput.write(message.line)
            }
            if events[1].revents != 0 {
                // Byte by byte: what is read must not run ahead of what is looked at.
                guard let line = readCommand() else {
                    isInputOpen = false
                    continue
                }
                guard line != "quit" else { return }
                do { try obey(line, client) } catch let failure as Failure { failure.report() }
            }
        }
    }

    private func readCommand() -> String? {
        var bytes: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            let count = read(0, &byte, 1)
            if count < 0, errno == EINTR { continue }
            if count <= 0 { return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self) }
            if byte == UInt8(ascii: "\n") { return String(decoding: bytes, as: UTF8.self) }
            bytes.append(byte)
        }
    }

    private func obey(_ line: String, _ client: FillerClient) throws {
        let words = line.split(separator: " ", maxSplits: 4).map(String.init)
        guard let first = words.first else { return }
        guard first == "fill" else {
            guard FillerCommand(line) != nil else { throw Failure("'\(line.printable)' is no command") }
            return try client.say(line)
        }
        guard words.count == 5, let object = UInt32(words[1]), let offset = number(words[2]),
            let length = number(words[3])
        else { throw Failure("usage: fill OBJECT OFFSET LENGTH FILE") }
        do {
            let source = try Descriptor.open(words[4], O_RDONLY)
            let count = try client.fill(object, from: source, at: offset, length: length)
            StandardOutput.write("filled oid=\(object) s=\(String(offset, radix: 16)) l=\(String(count, radix: 16))\n")
        } catch let error as SystemError {
            throw Failure("\(error)")
        }
    }

    private func number(_ text: String) -> UInt64? {
        text.hasPrefix("0x") ? UInt64(text.dropFirst(2), radix: 16) : UInt64(text)
    }

    private func answerAll(_ client: FillerClient, _ directory: String) throws {
        while let message = try client.next() {
            switch message {
            case .open(let message, _, _, let cookie):
                try client.say("copen \(message),\(size(of: cookie, in: directory))")
            case .read(let message, let object, let start, let length):
                try client.say(answer(client, directory, message, object, start, length))
            case .close, .refused: break
            }
        }
    }

    /// The size of a blob's file, or a negative error number.
    private func size(of cookie: String, in directory: String) -> Int64 {
        do throws(SystemError) {
            return Int64(clamping: try open(cookie, in: directory).size())
        } catch {
            return -Int64(error.code)
        }
    }

    private func answer(
        _ client: FillerClient, _ directory: String, _ message: UInt32, _ object: UInt32, _ start: UInt64,
        _ length: UInt64
    ) -> String {
        do {
            guard let cookie = client.objects[object]?.cookie else { return "cread \(message),-\(EBADF)" }
            let source = try open(cookie, in: directory)
            _ = try client.fill(object, from: source, at: start, length: length)
            return "cread \(message)"
        } catch {
            return "cread \(message),-\((error as? SystemError)?.code ?? EIO)"
        }
    }

    /// Opens a blob's file; its name comes from an image and must not lead out of the directory.
    private func open(_ cookie: String, in directory: String) throws(SystemError) -> Descriptor {
        guard !cookie.isEmpty, cookie != ".", cookie != "..", !cookie.contains("/"), !cookie.utf8.contains(0) else {
            throw SystemError("open", on: cookie, code: ENOENT)
        }
        return try Descriptor.open(directory + "/" + cookie, O_RDONLY)
    }
}
