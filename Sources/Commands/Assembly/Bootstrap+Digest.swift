// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import EROFS
import ImageReader

extension Bootstrap {
    private static let step: UInt64 = 1 << 20

    /// Holds all bytes of the image file, from where the file system starts, against a digest; fetches what is missing.
    func check(_ expected: Digest) throws {
        var stream = DigestStream(expected.algorithm)
        var offset: UInt64 = 0
        while offset < bytes.count {
            let count = Int(min(Self.step, bytes.count - offset))
            let piece = try settling { () throws(ReadError) -> UnsafeRawBufferPointer in
                do throws(ImageError) { return try bytes.bytes(at: offset, count: count) } catch {
                    throw ReadError(error)
                }
            }
            stream.update(piece)
            offset += UInt64(count)
        }
        let found = stream.finish()
        guard found == expected else { throw AssemblyError.wrongBootstrap(found: found, expected: expected) }
    }
}
