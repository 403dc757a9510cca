// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import EROFS
import Glibc
import ImageReader
import Primitives

/// The error number for a failed access: the only place that chooses one.
///
/// Damage and what is not supported answer as Linux's own EROFS does; the rest as a reader of a network file system
/// expects.
enum ErrnoMapping {
    /// The number for `error`, which is neither missing bytes nor a read that would block.
    static func code(for error: ReadError) -> Int32 {
        switch error {
        case .missing, .wouldBlock, .imageWasCut, .beyondDevice: EIO
        case .image(let error): code(for: error)
        case .fetch(let error): code(for: error)
        case .decoding: EUCLEAN
        case .system(let error): error.code == ENOMEM ? ENOMEM : EIO
        }
    }

    private static func code(for error: ImageError) -> Int32 {
        switch error {
        case .unsupported: EOPNOTSUPP
        case .noDevice: ENODEV
        case .notResident, .notAttached, .needsContent: EIO
        case .badChecksum: EBADMSG
        case .notEROFS, .truncated, .unknownFeatures, .invalid: EINVAL
        case .damaged, .outOfBounds: EUCLEAN
        }
    }

    private static func code(for error: FetchError) -> Int32 {
        switch error {
        case .changed: ESTALE
        case .cancelled: EINTR
        default: EIO
        }
    }
}
