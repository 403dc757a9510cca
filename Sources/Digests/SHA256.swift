// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// SHA-256 by libcrypto, which uses the processor's own instructions.
///
/// A reference type around one context of the library; not to be used by two threads at a time.
final class SHA256: @unchecked Sendable {
    private let context: OpaquePointer?
    /// Looked up once: `EVP_sha256()` makes libcrypto look for an implementation at each start, which takes as long as
    /// hashing a kilobyte.
    nonisolated(unsafe) private static let method: OpaquePointer? = EVP_MD_fetch(nil, "SHA256", nil) ?? EVP_sha256()

    /// Starts an empty hash.
    init() {
        context = EVP_MD_CTX_new()
        EVP_DigestInit_ex(context, Self.method, nil)
    }

    deinit { EVP_MD_CTX_free(context) }

    /// Forgets what was added, and what was finished: the object is as new, and keeps its memory.
    func restart() { EVP_DigestInit_ex(context, Self.method, nil) }

    /// Adds the next bytes.
    func update(_ bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return }
        EVP_DigestUpdate(context, base, bytes.count)
    }

    /// The digest; before the object is used again it has to be restarted.
    func finish() -> Digest {
        var value = SIMD4<UInt64>.zero
        withUnsafeMutableBytes(of: &value) { raw in
            _ = EVP_DigestFinal_ex(context, raw.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
        }
        return Digest(.sha256, value: value)
    }
}
