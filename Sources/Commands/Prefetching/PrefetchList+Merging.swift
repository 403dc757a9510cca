// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch

// Fewer requests for a list.
extension PrefetchList {
    /// Touches that are looked at together: so many requests are about what a round trip brings.
    static let group = 32
    /// Bytes between two touches that are fetched along, because they cost less than a request.
    static let widestGap: UInt64 = 16 << 10

    /// Fewer touches for the same bytes: of each group those that lie close together become one, where the first stood.
    static func merged(_ touches: [Touch]) -> [Touch] {
        stride(from: 0, to: touches.count, by: group).flatMap { start in
            mergedGroup(Array(touches[start..<min(touches.count, start + group)]))
        }
    }

    private static func mergedGroup(_ touches: [Touch]) -> [Touch] {
        let sorted = touches.enumerated().sorted {
            ($0.element.blob, $0.element.range.lowerBound) < ($1.element.blob, $1.element.range.lowerBound)
        }
        var result: [(turn: Int, touch: Touch)] = []
        for (turn, touch) in sorted {
            guard let last = result.last, last.touch.blob == touch.blob,
                touch.range.lowerBound <= last.touch.range.upperBound
                    || touch.range.lowerBound - last.touch.range.upperBound <= widestGap
            else {
                result.append((turn, touch))
                continue
            }
            let end = max(last.touch.range.upperBound, touch.range.upperBound)
            result[result.count - 1] = (
                min(last.turn, turn), Touch(blob: touch.blob, range: last.touch.range.lowerBound..<end)
            )
        }
        return result.sorted { $0.turn < $1.turn }.map(\.touch)
    }
}
