// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Synchronization

/// A program that runs beside the test, in a process group of its own, and does not outlive this object.
///
/// Its output goes to memory files, not pipes: a daemon that inherits them can then never keep the test waiting.
package final class RunningProcess: Sendable {
    package let pid: Int32
    private let command: String
    private let output: Int32
    private let errors: Int32
    private let status = Mutex<Int32?>(nil)

    /// Starts `command`, looked up in PATH, with no standard input.
    ///
    /// - Parameters:
    ///   - account: who runs it; nil: the caller.
    ///   - environment: variables on top of the test's own.
    package init(_ command: [String], as account: Account? = nil, environment: [String: String] = [:]) throws {
        let full = account?.running(command) ?? command
        self.command = full.joined(separator: " ")
        output = clinux_memfd_create("stdout", clinux_mfd_cloexec)
        errors = clinux_memfd_create("stderr", clinux_mfd_cloexec)
        guard output >= 0, errors >= 0 else { throw TestFailure("memfd_create: errno \(errno)") }
        // Processes that write at once would else write at the same place now and then.
        for file in [output, errors] { _ = fcntl(file, F_SETFL, O_APPEND) }
        pid = try Spawn(output: output, errors: errors).start(full, environment: environment)
    }

    deinit {
        kill()
        close(output)
        close(errors)
    }

    /// True until the program has ended.
    package var isRunning: Bool { (try? end(within: 0)) == nil }

    /// Waits for the end.
    ///
    /// - Throws: ``TestFailure`` when it still runs after `limit` seconds; it is then killed.
    package func wait(within limit: Int = 60) throws -> Outcome {
        guard let status = try end(within: limit) else {
            kill()
            throw TestFailure("\(command): still running after \(limit) s\n\(text(of: errors))")
        }
        return Outcome(status: status, bytes: contents(of: output), errors: text(of: errors))
    }

    /// Sends a signal to the program alone.
    package func signal(_ number: Int32) { status.withLock { if $0 == nil { Glibc.kill(pid, number) } } }

    /// Ends the program and what it started, at once, and waits until it is gone.
    package func kill() {
        Glibc.kill(-pid, SIGKILL)
        _ = try? end(within: 60)
    }

    /// What it wrote to standard output so far.
    package var outputSoFar: String { text(of: output) }

    /// What it wrote to standard error so far.
    package var errorsSoFar: String { text(of: errors) }

    private func end(within limit: Int) throws -> Int32? {
        try status.withLock { status in
            if status == nil { status = try reap(within: limit) }
            return status
        }
    }

    /// Waits on a process descriptor, which unlike waitpid(2) takes a limit.
    private func reap(within limit: Int) throws -> Int32? {
        let handle = clinux_pidfd_open(pid)
        guard handle >= 0 else { throw TestFailure("pidfd_open \(pid): errno \(errno)") }
        defer { close(handle) }
        var event = pollfd(fd: handle, events: Int16(POLLIN), revents: 0)
        while poll(&event, 1, Int32(limit * 1000)) < 0 && errno == EINTR {}
        guard event.revents != 0 else { return nil }
        var raw: Int32 = 0
        while waitpid(pid, &raw, 0) < 0 && errno == EINTR {}
        return raw & 0x7f == 0 ? (raw >> 8) & 0xff : 128 + (raw & 0x7f)
    }

    private func contents(of descriptor: Int32) -> [UInt8] {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { return [] }
        var bytes = [UInt8](repeating: 0, count: Int(status.st_size))
        let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
        return Array(bytes.prefix(max(0, count)))
    }

    private func text(of descriptor: Int32) -> String { String(decoding: contents(of: descriptor), as: UTF8.self) }
}

/// Runs a program to its end.
///
/// - Throws: ``TestFailure`` when it still runs after `limit` seconds. A failing program does not throw: see `status`.
package func run(
    _ command: [String], as account: Account? = nil, environment: [String: String] = [:], within limit: Int = 60
) throws -> Outcome {
    try RunningProcess(command, as: account, environment: environment).wait(within: limit)
}

/// Runs a program that has to succeed, and gives what it printed.
@discardableResult
package func runToSuccess(_ command: [String], as account: Account? = nil, within limit: Int = 60) throws -> Outcome {
    let outcome = try run(command, as: account, within: limit)
    guard outcome.succeeded else {
        throw TestFailure("\(command.joined(separator: " ")): exit code \(outcome.status): \(outcome.errors)")
    }
    return outcome
}
