// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Fscache
import Glibc
import Primitives

/// Sends what happens in a cache to one who watches, until the mount ends or the watcher goes.
struct TraceStream {
    let watch: EventWatch
    let paths: PathIndex
    let isJSON: Bool

    /// Milliseconds after which an idle stream looks whether its reader is still there.
    private static let interval: UInt64 = 500

    /// Runs until the end, on the thread of the connection.
    func run(on connection: Descriptor) {
        // A watcher may pause as long as it likes: what it misses is counted, and nobody waits for it.
        ControlServer.setPatience(of: connection, SO_SNDTIMEO, seconds: 0)
        // The first line says that the watch is on.
        let heading = "# time event: fields, as Linux traces them  cookie, path, time taken\n"
        guard isJSON || WholeWrite.write(heading, to: connection.raw) else { return }
        while let batch = watch.next(milliseconds: TraceStream.interval) {
            var text = ""
            for event in batch.events {
                let line = TraceLine(event, path: event.inode == 0 ? nil : paths.path(of: event.inode))
                text += isJSON ? JSON.line(line) : line.text
            }
            if batch.dropped > 0 {
                text += isJSON ? "{\"dropped\":\(batch.dropped)}\n" : "# \(batch.dropped) events were dropped here\n"
            }
            guard text.isEmpty ? isThere(connection) : WholeWrite.write(text, to: connection.raw) else { return }
        }
    }

    /// Whether the other side has not closed.
    private func isThere(_ connection: Descriptor) -> Bool {
        var entry = pollfd(fd: connection.raw, events: Int16(POLLIN), revents: 0)
        // A watcher says nothing after its question: what can be read is its end.
        return poll(&entry, 1, 0) == 0
    }
}
