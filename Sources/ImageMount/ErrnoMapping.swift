// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import EROFS
import Glibc
import ImageReader
import Primitives

/// The only place that chooses an error number.
///
/// The numbers are those that Linux's own EROFS gives for the same damage; for what it does not know, such as a network,
/// the reader gets EIO and may try again.
enum ErrnoMapping {
    /// The number for a read that failed; above 0.
    static func errno(for error: ReadError) -> Int32 {
        switch error {
        case .image(let error): errno(for: error)
        case .fetch(let error): errno(for: error)
        case .decoding: EUCLEAN
        case .system(let error): error.code == ENOMEM ? ENOMEM : EIO
        case .beyondDevice, .imageWasCut: EIO
        // These two say what to do first; to give them up is to have failed.
        case .missing, .wouldBlock: EIO
        }
    }

    /// The number for a fault of the image.
    static func errno(for error: ImageError) -> Int32 {
        switch error {
        case .damaged, .notAttached, .needsContent: EUCLEAN
        case .unsupported: EOPNOTSUPP
        case .noDevice: ENODEV
        case .outOfBounds, .notResident: EIO
        case .badChecksum: EBADMSG
        case .notEROFS, .truncated, .unknownFeatures, .invalid: EINVAL
        }
    }

    /// The number for bytes that could not be fetched.
    static func errno(for error: FetchError) -> Int32 {
        switch error {
        case .changed: ESTALE
        case .cancelled: EINTR
        case .unreachable, .timeout, .denied, .notFound, .badAnswer, .digestMismatch, .offline, .cache: EIO
        }
    }

    /// Whether the error says that the image itself is bad, and not that something outside is in the way.
    static func isDamage(_ error: ReadError) -> Bool {
        switch error {
        case .image, .decoding, .beyondDevice, .imageWasCut: true
        case .fetch, .system, .missing, .wouldBlock: false
        }
    }
}
