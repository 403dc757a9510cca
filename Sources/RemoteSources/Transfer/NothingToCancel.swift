// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch

/// The handle of a read that is answered already, or that others wait for too.
final class NothingToCancel: FetchHandle {
    func cancel() {}
}
