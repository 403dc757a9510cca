// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// Starts this program again in the background, and waits until its mount answers.
///
/// Not a fork: a forked child has only one thread, and the thread pools that the runtime may have started are gone in it.
/// The child inherits standard error until it is ready, so its message reaches the terminal, as does its exit code.
enum BackgroundStart {
    /// Runs the subcommand `command`, whose name may lack in front of `arguments`, in the foreground mode of a new process.
    ///
    /// - Throws: `Failure` with the child's exit code when it ends before it is ready.
    static func run(_ command: String, _ arguments: [String]) throws {
        var ends: [Int32] = [-1, -1]
        guard clinux_pipe2(&ends, O_CLOEXEC) == 0 else { throw SystemError("pipe2") }
        let reading = Descriptor(owning: ends[0])
        let child: pid_t
        do {
            let writing = Descriptor(owning: ends[1])
            child = try spawn(command, arguments, writing.raw)
        }
        var byte: UInt8 = 0
        while true {
            let count = read(reading.raw, &byte, 1)
            if count == 1 { return }
            if count == 0 || errno != EINTR { break }
        }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        // The child has written why, unless a signal ended it.
        if status & 0x7F == 0 { throw Failure(code: max(1, status >> 8 & 0xFF)) }
        throw Failure("the mount process was ended by signal \(status & 0x7F)")
    }

    /// The child's arguments, with the subcommand that mount(8) leaves out.
    ///
    /// Ours come first: behind a `--` they would be taken for paths.
    private static func foreground(_ command: String, _ arguments: [String], _ readyDescriptor: Int32) -> [String] {
        let own = arguments.first == command ? Array(arguments.dropFirst()) : arguments
        return [command, "--foreground", "--ready-fd", "\(readyDescriptor)"] + own
    }

    private static func spawn(
        _ command: String, _ arguments: [String], _ ready: Int32
    ) throws(SystemError) -> pid_t {
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        posix_spawnattr_setflags(&attributes, clinux_posix_spawn_setsid)
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        // The child says on this one that it is ready. Its number is free: all others may have been given to us for the
        // child, as the FUSE device is that somebody else has mounted.
        let readyDescriptor = fcntl(ready, F_DUPFD_CLOEXEC, 3)
        guard readyDescriptor >= 0 else { throw SystemError("fcntl") }
        // A descriptor that is duplicated onto itself would keep its close-on-exec flag, the pipe's other number does not.
        posix_spawn_file_actions_adddup2(&actions, ready, readyDescriptor)
        // After the pipe has moved: without a standard input it may be number 0 itself.
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        defer {
            posix_spawnattr_destroy(&attributes)
            posix_spawn_file_actions_destroy(&actions)
            close(readyDescriptor)
        }
        let all = ["swift-erofs-fuse"] + foreground(command, arguments, readyDescriptor)
        var vector = all.map { strdup($0) } + [nil]
        defer { for text in vector { free(text) } }
        var child = pid_t()
        let code = posix_spawn(&child, "/proc/self/exe", &actions, &attributes, &vector, environ)
        guard code == 0 else { throw SystemError("posix_spawn", on: "/proc/self/exe", code: code) }
        return child
    }
}
