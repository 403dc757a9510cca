// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

/// What is to be fetched ahead, as the settings want it; read before anything is mounted, so that a bad list is reported.
enum PrefetchPlan: Equatable, Sendable {
    /// All of the blobs, at so many bytes a second at most; nil for no limit.
    case everything(rate: UInt64?)
    /// What a recorded start needed.
    case list([Touch])

    /// Nil when the settings want nothing.
    init?(_ settings: PrefetchSettings) throws(UsageError) {
        guard let plan = settings.plan else { return nil }
        guard plan != "all" else {
            self = .everything(rate: settings.rate == 0 ? nil : settings.rate)
            return
        }
        let text: String
        do throws(SystemError) { text = try TextFile.read(plan, limit: 64 << 20) } catch {
            throw .badValue("prefetch", text: plan, wanted: "all, or a list of --record (\(error))")
        }
        self = .list(PrefetchPlan.merged(try PrefetchList.touches(text, path: plan)))
    }

    /// Begins to fetch.
    func start(of blobs: [Blob]) throws(SystemError) -> Prefetch {
        switch self {
        case .everything(let rate):
            let pace = Prefetch.Pace(priority: .background, parallel: 2, rate: rate)
            return try Prefetch(Prefetch.everything(of: blobs), of: blobs, pace: pace)
        case .list(let touches):
            return try Prefetch(touches, of: blobs, pace: Prefetch.Pace(priority: .ahead, parallel: 16, rate: nil))
        }
    }

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
