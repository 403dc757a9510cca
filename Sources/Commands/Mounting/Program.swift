// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// Other programs.
enum Program {
    /// Runs a program found in PATH, with our standard descriptors, and waits for it.
    ///
    /// - Throws: `Failure` when it does not end with 0; it has said why itself.
    static func run(_ arguments: [String]) throws {
        var vector = arguments.map { strdup($0) } + [nil]
        defer { for text in vector { free(text) } }
        var child = pid_t()
        let code = posix_spawnp(&child, arguments[0], nil, nil, &vector, environ)
        guard code == 0 else { throw SystemError("posix_spawn", on: arguments[0], code: code) }
        var status: Int32 = 0
        while waitpid(child, &status, 0) < 0, errno == EINTR {}
        guard status == 0 else { throw Failure(code: 1) }
    }
}
