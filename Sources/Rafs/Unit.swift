// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What must be fetched and decoded together: one chunk, the members of a batch, or the chunks of a gzip window.
package struct Unit: Equatable, Sendable {
    /// The indexes of the chunks; they follow one another in the cookie.
    package let chunks: Range<Int>
    /// What the chunks fill of the cookie, padding included.
    package let range: Range<UInt64>
    /// The bytes of the blob that they are decoded from.
    package let remote: Range<UInt64>
    /// Plain bytes of the whole unit.
    package let size: Int
}
