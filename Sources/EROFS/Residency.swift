// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Knows which bytes of a partly fetched image have arrived.
///
/// Asked before each access from any thread, so it must answer without blocking. Once it has said yes to a range it must
/// never take that back.
package protocol Residency: AnyObject, Sendable {
    /// Whether `count` bytes at `offset` of the image file are all there.
    func isResident(offset: UInt64, count: Int) -> Bool
}
