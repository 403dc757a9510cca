// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

// For sources that have all their bytes in memory.

/// The handle of a read that is answered already, or that others wait for too.
package final class NothingToCancel: FetchHandle {
    package init() {}

    package func cancel() {}
}

extension FetchTarget {
    /// Receives a range of `bytes` in one piece; the range must lie inside them.
    package func receive(_ range: Range<UInt64>, of bytes: [UInt8]) -> Result<Void, FetchError> {
        bytes.withUnsafeBytes { all in
            let part = UnsafeRawBufferPointer(rebasing: all[Int(range.lowerBound)..<Int(range.upperBound)])
            return Result { () throws(FetchError) in try receive(part) }
        }
    }
}
