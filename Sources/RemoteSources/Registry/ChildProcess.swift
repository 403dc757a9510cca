// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import CLinux
internal import Glibc
internal import Primitives

/// A program that is given some bytes and answers with some.
struct ChildProcess {
    private let process: pid_t
    private let input: Descriptor
    private let output: Descriptor

    /// Starts a program, found by the `PATH` of `environment`, with its standard error thrown away.
    ///
    /// - Returns: Nil when it cannot be started.
    init?(_ program: String, _ arguments: [String], environment: [String: String]) {
        guard let path = Self.path(of: program, in: environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin") else {
            return nil
        }
        var toChild: [Int32] = [-1, -1]
        var fromChild: [Int32] = [-1, -1]
        guard clinux_pipe2(&toChild, O_CLOEXEC) == 0 else { return nil }
        let ends = (Descriptor(owning: toChild[0]), Descriptor(owning: toChild[1]))
        guard clinux_pipe2(&fromChild, O_CLOEXEC) == 0 else { return nil }
        let backs = (Descriptor(owning: fromChild[0]), Descriptor(owning: fromChild[1]))
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_adddup2(&actions, ends.0.raw, 0)
        posix_spawn_file_actions_adddup2(&actions, backs.1.raw, 1)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        // Our own threads block all signals; the program must not inherit that.
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETSIGMASK))
        var process = pid_t()
        let arguments = CStringList([program] + arguments)
        let variables = CStringList(environment.map { "\($0.key)=\($0.value)" })
        guard posix_spawn(&process, path, &actions, &attributes, arguments.pointers, variables.pointers) == 0 else {
            return nil
        }
        self.process = process
        input = ends.1
        output = backs.0
    }

    /// Sends `bytes`, ends the input, and collects the output; the program is killed when it takes too long.
    ///
    /// - Returns: Nil when it fails, answers more than `limit` bytes, or is not done at `deadline`.
    consuming func exchange(_ bytes: [UInt8], limit: Int, until deadline: MonotonicTime) -> [UInt8]? {
        bytes.withUnsafeBytes { _ = write(input.raw, $0.baseAddress, $0.count) }
        let result = Self.readAll(output, limit: limit, until: deadline)
        if result == nil { kill(process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        return status == 0 ? result : nil
    }

    private static func path(of program: String, in folders: String) -> String? {
        folders.split(separator: ":").map { "\($0)/\(program)" }.first { access($0, X_OK) == 0 }
    }

    private static func readAll(_ output: Descriptor, limit: Int, until deadline: MonotonicTime) -> [UInt8]? {
        var result: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while result.count <= limit {
            var waiting = pollfd(fd: output.raw, events: Int16(POLLIN), revents: 0)
            let ready = poll(&waiting, 1, Int32(clamping: MonotonicTime.now.milliseconds(until: deadline)))
            if ready < 0, errno == EINTR { continue }
            guard ready > 0 else { return nil }
            let count = piece.withUnsafeMutableBytes { read(output.raw, $0.baseAddress, $0.count) }
            guard count > 0 else { return count == 0 ? result : nil }
            result.append(contentsOf: piece.prefix(count))
        }
        return nil
    }
}

/// A list of C strings as exec(2) takes it.
private final class CStringList {
    /// The list, ended by nil.
    let pointers: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>
    private let count: Int

    /// Copies the strings.
    init(_ strings: [String]) {
        count = strings.count
        pointers = .allocate(capacity: strings.count + 1)
        for (index, string) in strings.enumerated() { (pointers + index).initialize(to: strdup(string)) }
        (pointers + count).initialize(to: nil)
    }

    deinit {
        for index in 0..<count { free(pointers[index]) }
        pointers.deallocate()
    }
}
