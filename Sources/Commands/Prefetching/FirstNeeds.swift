// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import ImageReader

// What every mount needs soon, whoever reads what: fetched while the kernel is still busy with mounting.
extension ImageAssembly {
    /// Bytes of the largest bootstrap that is fetched whole: less than what one slow round trip after the other costs.
    private static let smallBootstrap: UInt64 = 2 << 20

    /// Starts to fetch a small bootstrap, and the tables that tell the units of the blobs.
    func fetchFirstNeeds() {
        for blob in blobs { blob.learnUnits() }
        let devices = reader.devices.devices
        // An image of one file has its metadata all over it.
        guard devices.count > 1, case .blob(let bootstrap) = devices[0],
            bootstrap.size <= ImageAssembly.smallBootstrap
        else { return }
        bootstrap.fetchAhead(0..<bootstrap.size)
    }
}
