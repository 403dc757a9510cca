// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A digest computed over bytes that come in pieces.
package struct DigestStream: ~Copyable, Sendable {
    private var sha256: SHA256?
    private var blake3: BLAKE3?

    /// Starts an empty digest.
    package init(_ algorithm: Digest.Algorithm) {
        switch algorithm {
        case .sha256: sha256 = SHA256()
        case .blake3: blake3 = BLAKE3()
        }
    }

    /// Adds the next bytes.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        sha256?.update(bytes)
        blake3?.update(bytes)
    }

    /// The digest of everything that was added.
    package consuming func finish() -> Digest {
        if let blake3 { return blake3.finish() }
        return (sha256 ?? SHA256()).finish()
    }
}
