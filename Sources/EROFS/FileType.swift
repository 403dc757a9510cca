// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What an inode is.
package enum FileType: UInt8, Sendable {
    // The raw values are those of a directory entry's file_type.
    case regular = 1
    case directory = 2
    case characterDevice = 3
    case blockDevice = 4
    case fifo = 5
    case socket = 6
    case symbolicLink = 7

    /// The type in the type bits of `mode`; nil for other bits.
    @inline(__always)
    package init?(mode: UInt16) {
        switch mode >> 12 {
        case 0o10: self = .regular
        case 0o04: self = .directory
        case 0o02: self = .characterDevice
        case 0o06: self = .blockDevice
        case 0o01: self = .fifo
        case 0o14: self = .socket
        case 0o12: self = .symbolicLink
        default: return nil
        }
    }

    /// The type as the type bits of a mode, shifted to the right by 12 (DT_REG and so on).
    @inline(__always)
    package var directoryType: UInt32 {
        switch self {
        case .regular: 0o10
        case .directory: 0o04
        case .characterDevice: 0o02
        case .blockDevice: 0o06
        case .fifo: 0o01
        case .socket: 0o14
        case .symbolicLink: 0o12
        }
    }
}
