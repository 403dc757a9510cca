// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import BlobFetch
package import Decompression
package import EROFS
package import Primitives

/// Why a read of the image gave no bytes.
///
/// The first two are not failures: they tell what to do before the read is done again.
package enum ReadError: Error, Sendable {
    /// Bytes are not in the cache: provide them, then redo the read.
    case missing(MissingBytes)
    /// The read would sleep or decode for long: redo it on a worker.
    case wouldBlock
    /// The image's metadata is damaged, or uses something unknown.
    case image(ImageError)
    /// The bytes could not be fetched.
    case fetch(FetchError)
    /// An encoded cluster of the file does not decode; the offset is the extent's in the file.
    case decoding(DecodingError, fileOffset: UInt64)
    /// The image points outside a device.
    case beyondDevice(device: Int, offset: UInt64, count: Int, size: UInt64)
    /// The image file became shorter while it was in use.
    case imageWasCut
    /// A system call on the image, a device or the cache failed.
    case system(SystemError)
}

extension ReadError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .missing(let bytes): "\(bytes.pieces.count) ranges are not cached"
        case .wouldBlock: "the read would block"
        case .image(let error): error.description
        case .fetch(let error): error.description
        case .decoding(let error, let offset): "file offset \(offset): \(error)"
        case .beyondDevice(let device, let offset, let count, let size):
            "device \(device): \(count) bytes at \(offset) lie outside its \(size) bytes"
        case .imageWasCut: "the image file was cut while mounted"
        case .system(let error): error.description
        }
    }
}

extension ReadError {
    /// Puts an error of the EROFS storey in its place: absent metadata is missing bytes, all else a fault of the image.
    package init(_ error: ImageError) {
        if case .notResident(let offset, let count) = error {
            self = .missing(MissingBytes(.metadata, offset..<offset + UInt64(count)))
        } else {
            self = .image(error)
        }
    }
}
