// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// On which kind of thread a read runs, and so what it may do there.
package enum ReadContext: Sendable {
    /// The serving thread: what would wait for a disk or decode for long throws `ReadError.wouldBlock`.
    case serving
    /// A worker: may wait for a local disk and decode; still never waits for the network.
    case worker

    /// Whether a read may sleep in the local disk.
    package var mayWait: Bool { self == .worker }
}
