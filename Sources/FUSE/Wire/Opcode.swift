// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The operations of the FUSE protocol that a read-only file system meets (`enum fuse_opcode` of linux/fuse.h).
package enum Opcode: UInt32, CaseIterable, Sendable {
    case lookup = 1
    case forget = 2
    case getattr = 3
    case setattr = 4
    case readlink = 5
    case symlink = 6
    case mknod = 8
    case mkdir = 9
    case unlink = 10
    case rmdir = 11
    case rename = 12
    case link = 13
    case open = 14
    case read = 15
    case write = 16
    case statfs = 17
    case release = 18
    case fsync = 20
    case setxattr = 21
    case getxattr = 22
    case listxattr = 23
    case removexattr = 24
    case flush = 25
    case initialize = 26
    case opendir = 27
    case readdir = 28
    case releasedir = 29
    case fsyncdir = 30
    case access = 34
    case create = 35
    case interrupt = 36
    case destroy = 38
    case ioctl = 39
    case batchForget = 42
    case fallocate = 43
    case readdirplus = 44
    case rename2 = 45
    case lseek = 46
    case statx = 52

    /// Whether the operation would change the tree; a read-only file system answers EROFS.
    package var isChange: Bool {
        switch self {
        case .setattr, .symlink, .mknod, .mkdir, .unlink, .rmdir, .rename, .link, .write, .setxattr, .removexattr,
            .create, .fallocate, .rename2:
            true
        default: false
        }
    }
}
