// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What a finished program left behind.
package struct Outcome: Sendable {
    /// The exit code; 128 and the signal's number when a signal ended the program.
    package let status: Int32
    /// Everything it wrote to standard output.
    package let bytes: [UInt8]
    /// Everything it wrote to standard error, invalid UTF-8 repaired.
    package let errors: String

    /// Standard output as text, invalid UTF-8 repaired.
    package var output: String { String(decoding: bytes, as: UTF8.self) }
    /// The lines of standard output, empty ones left out.
    package var lines: [String] { output.split(separator: "\n").map(String.init) }
    package var succeeded: Bool { status == 0 }
}
