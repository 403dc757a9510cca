// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives

extension Prefetch {
    /// Starts what the settings want of an image; nil when that is nothing.
    static func start(_ settings: PrefetchSettings, of blobs: [Blob]) throws -> Prefetch? {
        guard let plan = settings.plan else { return nil }
        if plan == "all" {
            let rate = settings.rate == 0 ? nil : settings.rate
            let pace = Pace(priority: .background, parallel: 2, rate: rate)
            return try Prefetch(everything(of: blobs), of: blobs, pace: pace)
        }
        let text: String
        do throws(SystemError) { text = try TextFile.read(plan, limit: 64 << 20) } catch {
            throw UsageError.badValue("prefetch", text: plan, wanted: "all, or a list of --record (\(error))")
        }
        let touches = try PrefetchList.touches(text, path: plan)
        return try Prefetch(touches, of: blobs, pace: Pace(priority: .ahead, parallel: 16, rate: nil))
    }
}
