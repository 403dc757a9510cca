// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A 256-bit digest and the algorithm that made it.
package struct Digest: Hashable, Sendable, CustomStringConvertible {
    /// The algorithms, by the names that registries use.
    package enum Algorithm: String, Sendable, CaseIterable {
        case sha256
        case blake3
    }

    /// How many bytes a digest has.
    package static let byteCount = 32

    /// What made the digest.
    package let algorithm: Algorithm
    private let value: SIMD4<UInt64>

    /// Takes the 32 bytes of a digest, as they lie in an image or on the wire.
    ///
    /// - Returns: Nil when `bytes` has another length.
    package init?(_ algorithm: Algorithm, bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Digest.byteCount else { return nil }
        self.algorithm = algorithm
        value = bytes.loadUnaligned(as: SIMD4<UInt64>.self)
    }

    /// Takes the 32 bytes of a digest.
    ///
    /// - Returns: Nil when `bytes` has another length.
    package init?(_ algorithm: Algorithm, bytes: [UInt8]) {
        let digest = bytes.withUnsafeBytes { Digest(algorithm, bytes: $0) }
        guard let digest else { return nil }
        self = digest
    }

    /// Reads `algorithm:hex`, or 64 bare hexadecimal digits, which are taken for `bare`.
    ///
    /// - Returns: Nil for an unknown algorithm, another length, and upper-case digits.
    package init?(_ text: some StringProtocol, bare: Algorithm = .sha256) {
        var algorithm = bare
        var digits = text[...]
        if let colon = text.firstIndex(of: ":") {
            guard let named = Algorithm(rawValue: String(text[..<colon])) else { return nil }
            algorithm = named
            digits = text[text.index(after: colon)...]
        }
        guard digits.utf8.count == 2 * Digest.byteCount, let bytes = Hexadecimal.bytes(of: digits) else { return nil }
        self.init(algorithm, bytes: bytes)
    }

    /// The digest of `bytes`.
    package init(_ algorithm: Algorithm, of bytes: UnsafeRawBufferPointer) {
        var stream = DigestStream(algorithm)
        stream.update(bytes)
        self = stream.finish()
    }

    /// Takes BLAKE3's chaining value.
    init(_ algorithm: Algorithm, words: SIMD8<UInt32>) {
        self.algorithm = algorithm
        value = unsafeBitCast(words, to: SIMD4<UInt64>.self)
    }

    /// Takes the bytes as they lie in memory.
    init(_ algorithm: Algorithm, value: SIMD4<UInt64>) {
        self.algorithm = algorithm
        self.value = value
    }

    /// The 32 bytes.
    package var bytes: [UInt8] { withUnsafeBytes(of: value) { Array($0) } }

    /// 64 hexadecimal digits.
    package var hex: String { withUnsafeBytes(of: value) { Hexadecimal.text(of: $0) } }

    /// The registry form, `algorithm:hex`.
    package var description: String { "\(algorithm.rawValue):\(hex)" }
}
