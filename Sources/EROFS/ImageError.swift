// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What can be wrong with an image or with an access to it.
///
/// Each case stands for one kind of answer that Linux gives, so that the caller can give the same. Fields have the names
/// of the on-disk format.
package enum ImageError: Error, Equatable, Sendable {
    /// Bytes of the image file that have not arrived yet: fetch them and repeat the call.
    case notResident(offset: UInt64, count: Int)
    /// A stream that must be decoded and attached first: do it and repeat the call.
    case notAttached(Stream)
    /// A directory whose content must be read as a file's content first.
    case needsContent(NodeID)

    /// The magic number is another one: not an EROFS file system.
    case notEROFS(magic: UInt32)
    /// The image is too short to hold a superblock.
    case truncated(size: UInt64)
    /// The superblock's CRC32C is another one than it says.
    case badChecksum(stored: UInt32, computed: UInt32)
    /// Incompatible features that this implementation does not know.
    case unknownFeatures(UInt32)
    /// A value in the superblock, or in a record that belongs to it, that the format does not allow.
    case invalid(Place, field: String, value: UInt64)

    /// Metadata that contradicts the format.
    case damaged(Place, field: String, value: UInt64)
    /// A layout, algorithm or format bit that this implementation does not know.
    case unsupported(Place, field: String, value: UInt64)
    /// A device that the image does not have.
    case noDevice(id: Int)
    /// An access beyond the end of the image or of a stream.
    case outOfBounds(offset: UInt64, count: UInt64, size: UInt64)

    /// The structure of the image that an error is about.
    package enum Place: Equatable, Sendable {
        /// The superblock.
        case superblock
        /// The configuration record of the compression algorithm with this id.
        case configuration(algorithm: Int)
        /// The device slot of the device with this id; the first is 1.
        case deviceSlot(Int)
        /// The table of long attribute name prefixes, at this record.
        case longPrefix(Int)
        /// An inode, or what follows it.
        case inode(NodeID)
        /// A directory, with the byte position of the record within it.
        case directory(NodeID, offset: UInt64)
        /// An extended attribute of an inode, with its position in the stream.
        case attribute(NodeID, offset: UInt64)
    }
}

extension ImageError.Place: CustomStringConvertible {
    package var description: String {
        switch self {
        case .superblock: "superblock"
        case .configuration(let algorithm): "configuration of algorithm \(algorithm)"
        case .deviceSlot(let id): "device slot \(id)"
        case .longPrefix(let index): "long attribute prefix \(index)"
        case .inode(let nid): "inode \(nid)"
        case .directory(let nid, let offset): "directory \(nid) at byte \(offset)"
        case .attribute(let nid, let offset): "extended attribute of inode \(nid) at byte \(offset)"
        }
    }
}

extension ImageError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notResident(let offset, let count): "\(count) image bytes at \(offset) have not been fetched"
        case .notAttached(let stream): "the \(stream) stream has not been decoded"
        case .needsContent(let nid): "the content of directory \(nid) must be read first"
        case .notEROFS(let magic): "not an EROFS image: magic \(hexadecimal(magic)) instead of 0xe0f5e1e2"
        case .truncated(let size): "not an EROFS image: \(size) bytes are too few"
        case .badChecksum(let stored, let computed):
            "superblock: checksum \(hexadecimal(stored)) should be \(hexadecimal(computed))"
        case .unknownFeatures(let bits): "superblock: unknown incompatible features \(hexadecimal(bits))"
        case .invalid(let place, let field, let value): "\(place): \(field) \(value) is invalid"
        case .damaged(let place, let field, let value): "\(place): \(field) \(value) is damaged"
        case .unsupported(let place, let field, let value): "\(place): \(field) \(value) is not supported"
        case .noDevice(let id): "there is no device \(id)"
        case .outOfBounds(let offset, let count, let size):
            "\(count) bytes at \(offset) lie beyond the end at \(size)"
        }
    }
}

private func hexadecimal(_ value: UInt32) -> String { "0x" + String(value, radix: 16) }
