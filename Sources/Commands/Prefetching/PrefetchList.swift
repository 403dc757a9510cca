// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Glibc
import Primitives

/// The file that `mount --record` writes and `mount --prefetch` reads: after a heading, a line `OFFSET LENGTH BLOB` for
/// each part of a blob, in the order in which they were needed.
enum PrefetchList {
    /// The file's first line.
    static let heading = "# swift-erofs-fuse prefetch list 1"

    /// The list's text.
    static func text(_ touches: [Touch]) -> String {
        touches.reduce(into: heading + "\n") { text, touch in
            text += "\(touch.range.lowerBound) \(touch.range.count) \(touch.blob)\n"
        }
    }

    /// Reads a list's text; names its first bad line.
    static func touches(_ text: String, path: String) throws(UsageError) -> [Touch] {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.first == heading[...] else {
            throw .configuration(path: path, line: 1, reason: "is no list of mount --record")
        }
        var result: [Touch] = []
        for (index, line) in lines.enumerated() where !line.isEmpty && !line.hasPrefix("#") {
            guard let touch = touch(line) else {
                throw .configuration(path: path, line: index + 1, reason: "a line is 'OFFSET LENGTH BLOB'")
            }
            result.append(touch)
        }
        return result
    }

    private static func touch(_ line: Substring) -> Touch? {
        let parts = line.split(separator: " ", maxSplits: 2)
        guard parts.count == 3, let offset = UInt64(parts[0]), let length = UInt64(parts[1]) else { return nil }
        let (end, overflow) = offset.addingReportingOverflow(length)
        return overflow || length == 0 ? nil : Touch(blob: String(parts[2]), range: offset..<end)
    }

    /// Fails when no list can be written to `path`: better now than when all readers are done.
    static func checkPlace(_ path: String) throws(SystemError) {
        let slash = path.lastIndex(of: "/")
        let directory = slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
            throw SystemError("write", on: path, code: EISDIR)
        }
        guard access(directory, W_OK | X_OK) == 0 else { throw SystemError("write", on: path) }
    }

    /// Writes a list in one step: a reader sees the old one or the new one.
    static func write(_ touches: [Touch], to path: String) throws(SystemError) {
        try ReplacedFile.write(Array(text(touches).utf8), to: path, mode: 0o644)
    }
}
