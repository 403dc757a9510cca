// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The number of an inode (nid): its place in units of 32 bytes.
///
/// Bit 63 says that the inode lies in the metabox stream instead of the primary device.
package struct NodeID: RawRepresentable, Hashable, Comparable, Sendable {
    /// The number as directories store it.
    package let rawValue: UInt64

    /// Takes any number; whether an inode lies there is found out by reading it.
    package init(rawValue: UInt64) { self.rawValue = rawValue }

    /// Whether the inode lies in the metabox stream.
    package var isInMetabox: Bool { rawValue >> 63 != 0 }

    /// The 32-byte slot within the stream that holds the inode.
    package var slot: UInt64 { rawValue & (UInt64.max >> 1) }

    package static func < (left: NodeID, right: NodeID) -> Bool { left.rawValue < right.rawValue }
}

extension NodeID: CustomStringConvertible {
    package var description: String { String(rawValue) }
}
