// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// An image mounted by the kernel's own EROFS: what is right is what this shows.
///
/// Needs root.
package final class KernelMount: @unchecked Sendable {
    package let mountpoint: String
    private var loops: [String] = []

    /// Mounts an image whose file system begins at byte `offset` of the file.
    package init(_ image: ErofsImage, at mountpoint: String, offset: Int = 0) throws {
        self.mountpoint = mountpoint
        var options = ["ro"]
        for blob in image.blobs { options.append("device=\(try attach(blob))") }
        let primary = try attach(image.path, offset: offset)
        try runToSuccess(["mount", "-t", "erofs", "-o", options.joined(separator: ","), primary, mountpoint])
    }

    deinit {
        MountTable.detachAll(below: mountpoint)
        for loop in loops { _ = try? run(["losetup", "-d", loop]) }
    }

    private func attach(_ file: String, offset: Int = 0) throws -> String {
        let made = try runToSuccess(["losetup", "-r", "-f", "--show", "-o", String(offset), file])
        guard let loop = made.lines.first else { throw TestFailure("losetup \(file) named no device") }
        loops.append(loop)
        return loop
    }
}
