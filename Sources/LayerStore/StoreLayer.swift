// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import FUSE
package import ImageMount

/// What a store must know of a layer to show its directory.
package struct LayerFacts: Equatable, Sendable {
    /// The digest of the layer as it lies in the registry, `sha256:HEX`.
    package var digest: String
    /// Bytes of that.
    package var size: UInt64
    /// The digest of the layer's plain tar, `sha256:HEX`.
    package var diffID: String
    /// Bytes of that.
    package var diffSize: UInt64

    package init(digest: String, size: UInt64, diffID: String, diffSize: UInt64) {
        (self.digest, self.size, self.diffID, self.diffSize) = (digest, size, diffID, diffSize)
    }

    /// The content of `info`: the fields of a layer's record in containers/storage; the compression 2 is gzip.
    package var info: [UInt8] {
        let text = """
            {"compressed-diff-digest":"\(digest)","compressed-size":\(size),"diff-digest":"\(diffID)",\
            "diff-size":\(diffSize),"compression":2}

            """
        return Array(text.utf8)
    }
}

/// Where a store's layers come from.
package protocol LayerProvider: Sendable {
    /// What is known of a layer of an image; blocks.
    ///
    /// - Parameters:
    ///   - digest: `sha256:HEX`.
    ///   - image: The image's name as the container tool gives it.
    /// - Returns: Nil when there is no such layer, or no index for it.
    func facts(of digest: String, in image: String) -> LayerFacts?

    /// Opens a layer of which the facts were asked before; blocks.
    ///
    /// - Returns: Nil when that cannot be done now; why has been logged.
    func open(_ digest: String, base: UInt64, channel: any ReplyChannel) -> ImageBranch?
}
