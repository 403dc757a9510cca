// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// One posix_spawn(3): a new process group, no signals blocked or ignored, no standard input.
struct Spawn {
    /// Where the program's standard output goes.
    let output: Int32
    /// Where its standard error goes.
    let errors: Int32

    /// Starts a program found in PATH, and returns its process id.
    func start(_ command: [String], environment: [String: String]) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, 1)
        posix_spawn_file_actions_adddup2(&actions, errors, 2)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        var signals = sigset_t()
        sigemptyset(&signals)
        posix_spawnattr_setsigmask(&attributes, &signals)
        sigfillset(&signals)
        posix_spawnattr_setsigdefault(&attributes, &signals)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP))

        var pid: pid_t = 0
        let code = withCStrings(command) { arguments in
            withCStrings(merged(environment)) { posix_spawnp(&pid, command[0], &actions, &attributes, arguments, $0) }
        }
        guard code == 0 else { throw TestFailure("\(command[0]): cannot start: errno \(code)") }
        return pid
    }

    private func merged(_ changes: [String: String]) -> [String] {
        var lines: [String] = []
        var next = environ
        while let entry = next.pointee {
            let line = String(cString: entry)
            if let name = line.split(separator: "=").first, changes[String(name)] == nil { lines.append(line) }
            next += 1
        }
        return lines + changes.map { "\($0.key)=\($0.value)" }
    }

    private func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let copies = strings.map { strdup($0) } + [nil]
        defer { copies.forEach { free($0) } }
        return body(copies)
    }
}
