// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

extension Extent {
    /// The device and the bytes on it that the part of the extent in `range` needs; nil for what is in no device.
    ///
    /// Nil, too, for an extent that a damaged image puts behind the largest address.
    func stored(_ range: Range<UInt64>) -> (device: Int, bytes: Range<UInt64>)? {
        let place: (device: Int, offset: UInt64)
        var part = range.clamped(to: start..<end)
        switch source {
        case .device(let id, let offset): place = (id, offset)
        case .cluster(let cluster):
            guard case .device(let id, let offset) = cluster.place else { return nil }
            place = (id, offset)
            part = start..<start + min(UInt64(cluster.encodedLength), .max - start)
        case .hole, .inline, .fragment: return nil
        }
        let (first, overflow) = place.offset.addingReportingOverflow(part.lowerBound - start)
        let (last, overflow2) = place.offset.addingReportingOverflow(part.upperBound - start)
        return overflow || overflow2 ? nil : (place.device, first..<last)
    }
}
