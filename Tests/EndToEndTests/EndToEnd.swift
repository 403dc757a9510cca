// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// The whole program on real images, mounts and servers.
///
/// One suite around all, so that they run one after another: each mounts, starts servers and wants the machine for itself.
@Suite(.serialized) enum EndToEnd {}

/// The digests of all files in a directory, as sha256sum(1) lists them.
func digests(_ directory: String, as account: Account? = nil) throws -> String {
    try runToSuccess(["sh", "-c", "cd \(directory) && sha256sum *"], as: account).output
}

/// Has the kernel forget all pages, names and inodes that it can read again.
func dropCaches() throws { try write("3", to: "/proc/sys/vm/drop_caches") }
