// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import CCrypto

/// AES-128-XTS as RAFS uses it: each unit is one data unit, all with the same initialisation vector.
struct ChunkCipher: Sendable {
    private let key: [UInt8]
    private let vector: [UInt8]

    /// Takes the 32 bytes of both keys and the 16 bytes of the vector.
    ///
    /// - Returns: Nil when they have other lengths.
    init?(key: [UInt8], vector: [UInt8]) {
        guard key.count == 32, vector.count == 16 else { return nil }
        self.key = key
        self.vector = vector
    }

    /// Decrypts `source` into `target`, which is at least as long.
    ///
    /// Plain texts below 16 bytes come as 18 bytes: padded to 16, and a mark of two bytes behind.
    ///
    /// - Parameter plainSize: The size the plain text must have, if it is known.
    /// - Returns: The size of the plain text; nil when it cannot be decrypted.
    func decrypt(
        _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer, plainSize: Int? = nil
    ) -> Int? {
        guard source.count >= 16, source.count <= target.count, let count = Int32(exactly: source.count),
            let context = EVP_CIPHER_CTX_new()
        else { return nil }
        defer { EVP_CIPHER_CTX_free(context) }
        var written: Int32 = 0
        guard EVP_DecryptInit_ex(context, EVP_aes_128_xts(), nil, key, vector) == 1,
            EVP_DecryptUpdate(
                context, target.baseAddress?.assumingMemoryBound(to: UInt8.self), &written,
                source.baseAddress?.assumingMemoryBound(to: UInt8.self), count) == 1,
            written == count
        else { return nil }
        guard count == 18, plainSize != 18, target[16] == 0x78, target[17] == 0x90 else { return Int(count) }
        return (1...16).contains(target[15]) ? 16 - Int(target[15]) : nil
    }

    /// Decrypts a section of unknown plain size.
    func decrypt(_ source: [UInt8], _ place: RafsError.Place) throws(RafsError) -> [UInt8] {
        var plain = [UInt8](repeating: 0, count: source.count)
        let size = source.withUnsafeBytes { from in plain.withUnsafeMutableBytes { decrypt(from, into: $0) } }
        guard let size else { throw .undecodable(place) }
        plain.removeLast(plain.count - size)
        return plain
    }
}
