// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch

/// What stands behind a device id of an image.
package enum Device: Sendable {
    /// A local file that is read in place.
    case file(LocalFile)
    /// A blob that is fetched into the cache as it is read.
    case blob(Blob)

    /// The device's size in bytes.
    package var size: UInt64 {
        switch self {
        case .file(let file): file.size
        case .blob(let blob): blob.size
        }
    }

    /// The file or blob name, for messages.
    package var name: String {
        switch self {
        case .file(let file): file.path
        case .blob(let blob): blob.name
        }
    }
}
