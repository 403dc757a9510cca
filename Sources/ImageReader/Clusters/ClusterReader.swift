// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// Reads what encoded clusters decode to.
final class ClusterReader: Sendable {
    private let devices: DeviceSet

    init(image: Image, devices: DeviceSet, cacheBytes: Int) { self.devices = devices }

    /// Fills `target` with what the cluster decodes to, from its byte `skip` on.
    func read(
        _ cluster: EncodedCluster, skipping skip: Int, into target: UnsafeMutableRawBufferPointer,
        on context: ReadContext
    ) throws(ReadError) {
        throw .image(.unsupported(.superblock, field: "compression", value: 0))
    }
}
