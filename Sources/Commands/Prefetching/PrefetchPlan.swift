// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import EROFS
import ImageReader
import Primitives
import Rafs

/// What a mount's settings want to be fetched ahead.
struct PrefetchPlan: Sendable {
    private let blobs: [Blob]
    private let pace: Prefetch.Pace
    private let touches: @Sendable () -> [Touch]

    /// - Returns: Nil when nothing is wanted.
    /// - Throws: ``UsageError`` for a list that cannot be read, and when the image says nothing of the kind.
    init?(_ settings: PrefetchSettings, of assembly: ImageAssembly) throws(UsageError) {
        guard let plan = settings.plan else { return nil }
        let blobs = assembly.blobs
        self.blobs = blobs
        let table = plan == "image" ? try PrefetchPlan.table(of: assembly) : []
        if plan == "all" || table == [assembly.reader.image.root.rawValue] {
            pace = Prefetch.Pace(priority: .background, parallel: 2, rate: settings.rate == 0 ? nil : settings.rate)
            touches = { Prefetch.everything(of: blobs) }
            return
        }
        pace = Prefetch.Pace(priority: .ahead, parallel: 16, rate: nil)
        if plan == "image" {
            let reader = assembly.reader
            touches = { PrefetchList.merged(TablePlan(reader: reader, nids: table).touches) }
        } else {
            let list = PrefetchList.merged(try PrefetchPlan.list(plan))
            touches = { list }
        }
    }

    /// Starts fetching.
    func start() throws(SystemError) -> Prefetch { try Prefetch(of: blobs, pace: pace, touches) }

    private static func table(of assembly: ImageAssembly) throws(UsageError) -> [UInt64] {
        guard let chunks = assembly.chunks else {
            throw .badValue(
                "prefetch", text: "image", wanted: "all or a list: only RAFS images say what to fetch ahead")
        }
        return chunks.image.bootstrap.prefetch.map(UInt64.init)
    }

    private static func list(_ path: String) throws(UsageError) -> [Touch] {
        let text: String
        do throws(SystemError) {
            text = try TextFile.read(path, limit: 64 << 20)
        } catch {
            throw .badValue("prefetch", text: path, wanted: "all, image, or a list of --record (\(error))")
        }
        return try PrefetchList.touches(text, path: path)
    }
}
