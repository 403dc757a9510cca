// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// A part of a blob that a reader needed.
public struct Touch: Hashable, Sendable {
    /// The blob's name.
    public var blob: String
    /// Bytes of the blob.
    public var range: Range<UInt64>

    /// A part of the blob called `blob`.
    public init(blob: String, range: Range<UInt64>) {
        self.blob = blob
        self.range = range
    }
}

/// Notes which parts of blobs readers had to wait for, in their order; shared by all blobs of a mount.
public final class TouchRecorder: Sendable, Equatable {
    /// The most touches that are kept; later ones are of no use for a start.
    static let limit = 1 << 18

    private let noted = Locked<[Touch]>([])

    /// A recorder that has nothing yet.
    public init() {}

    /// Two recorders are never the same.
    public static func == (left: TouchRecorder, right: TouchRecorder) -> Bool { left === right }

    /// What was noted so far; a touch that goes on where the last one ended is one with it.
    public var touches: [Touch] { noted.withLock { $0 } }

    func note(_ range: Range<UInt64>, of blob: String) {
        noted.withLock { touches in
            guard let last = touches.indices.last else { return touches.append(Touch(blob: blob, range: range)) }
            let isSame = touches[last].blob == blob
            // The pieces of one read may lie in one window.
            let known = touches[last].range
            if isSame, known.lowerBound <= range.lowerBound, range.upperBound <= known.upperBound { return }
            if isSame, known.upperBound == range.lowerBound {
                touches[last].range = known.lowerBound..<range.upperBound
            } else if touches.count < TouchRecorder.limit {
                touches.append(Touch(blob: blob, range: range))
            }
        }
    }
}
