// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Makes the digests of many pieces, one after the other, without allocating anything for each.
///
/// For one thread at a time. Of small pieces, making and freeing libcrypto's state anew takes a noticeable part of the time.
package final class Digester {
    private let sha256 = SHA256()

    package init() {}

    /// The digest of `bytes`, which may be empty; earlier calls leave no trace in it.
    package func digest(_ algorithm: Digest.Algorithm, of bytes: UnsafeRawBufferPointer) -> Digest {
        guard algorithm == .sha256 else { return Digest(algorithm, of: bytes) }
        sha256.restart()
        sha256.update(bytes)
        return sha256.finish()
    }
}
