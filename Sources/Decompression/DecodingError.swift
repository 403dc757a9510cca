// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Why encoded bytes gave no decoded ones.
package enum DecodingError: Error, Equatable, Sendable {
    /// The stream contradicts its format, or ends too early.
    case damaged(Codec)
    /// The stream decodes to another number of bytes than it should.
    case wrongLength(Codec, decoded: Int, wanted: Int)
    /// There is no stream: nothing, or only padding.
    case empty(Codec)
    /// More bytes than a decoder takes at once.
    case tooLarge(Codec, count: Int)
    /// The stored bytes are fewer than the extent they stand for.
    case storedTooShort(stored: Int, wanted: Int)
    /// The codec found no memory for its state.
    case outOfMemory(Codec)
}

extension DecodingError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .damaged(let codec): "the \(codec.rawValue) stream is damaged"
        case .wrongLength(let codec, let decoded, let wanted):
            "the \(codec.rawValue) stream gives \(decoded) bytes instead of \(wanted)"
        case .empty(let codec): "there is no \(codec.rawValue) stream, only zeroes"
        case .tooLarge(let codec, let count): "\(count) bytes are too many for \(codec.rawValue)"
        case .storedTooShort(let stored, let wanted): "\(stored) stored bytes should be \(wanted)"
        case .outOfMemory(let codec): "no memory for \(codec.rawValue)"
        }
    }
}
