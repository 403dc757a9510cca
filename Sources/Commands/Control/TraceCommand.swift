// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc

/// `trace`: what happens in the cache of a mount, live.
struct TraceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "trace",
        abstract: "Prints what happens in a mount's cache, live, in the formats of Linux's tracepoints.",
        discussion: "Ends with the mount, on SIGINT, or after --count events.")

    @Argument(help: "The directory that the image is shown at.")
    var mountPoint: String

    @Option(name: .shortAndLong, help: "End after so many events.")
    var count: UInt64?

    @Flag(help: "Begin with the latest opens, fetches and writes of before.")
    var history = false

    @Flag(help: "One JSON object a line, for other programs.")
    var json = false

    func run() throws {
        if count == 0 { return }
        let question = "trace" + (history ? " history" : "") + (json ? " json" : "")
        let lines = ControlLines(try ControlSocket.open(question, mountPoint: mountPoint))
        var left = count
        while let line = lines.next() {
            try ControlError.check(line, from: mountPoint)
            StandardOutput.write(line)
            guard let remaining = left, !line.hasPrefix("#"), !line.hasPrefix("{\"dropped\"") else { continue }
            guard remaining > 1 else { return }
            left = remaining - 1
        }
    }
}
