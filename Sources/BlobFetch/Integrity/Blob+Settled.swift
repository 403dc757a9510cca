// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache

// Whether what is here is known to be what the blob has.
extension Blob {
    /// Whether bytes that are here will never be found wrong: of a blob that is checked as a whole, only once that was done.
    package var isSettled: Bool { digest == nil || cookie.isVerified }
}
