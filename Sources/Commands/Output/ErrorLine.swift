// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// Errors as one line on standard error.
enum ErrorLine {
    /// Writes `swift-erofs-fuse: ERROR`.
    static func write(_ error: any Error) { tell("\(error)") }

    /// Writes `swift-erofs-fuse: TEXT`, which may have parts that an image or a server has chosen.
    static func tell(_ text: String) { writeRaw("swift-erofs-fuse: \(text.printable)") }

    /// Writes a line as it is.
    static func writeRaw(_ line: String) { StandardOutput.write(line + "\n", to: 2) }
}

/// A command that failed: it has said why, or says it in one line.
struct Failure: Error {
    let code: Int32
    let message: String?

    init(code: Int32 = 1, _ message: String? = nil) {
        self.code = code
        self.message = message
    }

    func report() { if let message { ErrorLine.tell(message) } }
}

/// Standard output, written whole.
enum StandardOutput {
    /// Writes all of `text` to a descriptor; a reader that has gone away ends it silently.
    static func write(_ text: String, to descriptor: Int32 = 1) { _ = WholeWrite.write(text, to: descriptor) }

    /// Whether a person may be looking.
    static var isTerminal: Bool { isatty(1) == 1 }
}

/// Ends the process.
func endProcess(_ code: Int32) -> Never { Glibc.exit(code) }
