// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// How much decoding the serving thread may do for one request: everybody else waits meanwhile.
enum DecodingBudget {
    /// Bytes of LZ4, the fastest codec, that take some tens of microseconds.
    private static let limit = 64 << 10
    /// The same for a thread that has nothing else to do: some hundreds, as a hand-over to another costs some tens too.
    private static let patientLimit = 512 << 10

    /// Throws `.wouldBlock` when `count` bytes are too many to decode on the thread of `context`.
    static func check(_ cluster: EncodedCluster, wanted count: Int, on context: ReadContext) throws(ReadError) {
        guard !context.mayTakeLong else { return }
        let limit = context.mayWaitForDisk ? patientLimit : limit
        guard count <= limit / weight(of: cluster.algorithm) else { throw .wouldBlock }
    }

    /// How many times slower than LZ4 a codec is.
    private static func weight(of algorithm: EncodedCluster.Algorithm) -> Int {
        switch algorithm {
        case .shifted, .interlaced, .lz4: 1
        case .zstd: 2
        case .deflate: 4
        case .lzma: 16
        }
    }
}
