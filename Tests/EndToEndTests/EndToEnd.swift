// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

/// The whole program on real images, mounts and servers.
///
/// One suite around all, so that they run one after another: each mounts, starts servers and wants the machine for itself.
@Suite(.serialized) enum EndToEnd {}
