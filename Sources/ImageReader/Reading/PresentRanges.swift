// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
package import EROFS
import Fscache
import Primitives

// Which bytes of a file can be read without fetching anything.
extension ImageReader {
    /// The ranges of a file that need no fetch now, in order, neighbours joined.
    ///
    /// Holes, inline bytes and local files are always there. Encoded bytes are there when their whole cluster is.
    ///
    /// - Parameter limit: Ranges at most; what lies behind them is left out.
    package func presentRanges(of inode: Inode, limit: Int) throws(ReadError) -> [Range<UInt64>] {
        var result: [Range<UInt64>] = []
        var position: UInt64 = 0
        while position < inode.size, result.count <= limit {
            let extent = try content.extent(of: inode, at: position)
            let end = min(extent.end, inode.size)
            for range in try presentRanges(extent, position..<end, of: inode) { result.appendJoined(range) }
            position = end
        }
        return Array(result.prefix(limit))
    }

    /// The present parts of the part `range` of an extent.
    private func presentRanges(
        _ extent: Extent, _ range: Range<UInt64>, of inode: Inode
    ) throws(ReadError) -> [Range<UInt64>] {
        guard case .device(let id, let offset) = extent.source else {
            return try content.missing(of: inode, range) == nil ? [range] : []
        }
        let (start, overflow) = offset.addingReportingOverflow(range.lowerBound - extent.start)
        let (end, overflow2) = start.addingReportingOverflow(range.upperBound - range.lowerBound)
        guard !overflow, !overflow2, id >= 0, id < devices.devices.count else { return [] }
        guard case .blob(let blob) = devices.devices[id] else { return [range] }
        return blob.cookie.present(in: start..<end).map { run in
            let first = max(run.lowerBound, start)
            return range.lowerBound + (first - start)..<range.lowerBound + (min(run.upperBound, end) - start)
        }
    }
}
