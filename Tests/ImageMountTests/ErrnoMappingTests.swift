// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import EROFS
import Glibc
import ImageReader
import Primitives
import Testing

@testable import ImageMount

@Suite struct ErrnoMappingTests {
    @Test func faultsOfTheImage() {
        let place = ImageError.Place.inode(NodeID(rawValue: 36))
        #expect(ErrnoMapping.errno(for: .image(.damaged(place, field: "i_size", value: 1))) == EUCLEAN)
        #expect(ErrnoMapping.errno(for: .image(.unsupported(place, field: "layout", value: 6))) == EOPNOTSUPP)
        #expect(ErrnoMapping.errno(for: .image(.noDevice(id: 3))) == ENODEV)
        #expect(ErrnoMapping.errno(for: .image(.outOfBounds(offset: 1, count: 2, size: 0))) == EIO)
        #expect(ErrnoMapping.errno(for: .image(.badChecksum(stored: 1, computed: 2))) == EBADMSG)
    }

    @Test func faultsOfTheWorldAround() {
        #expect(ErrnoMapping.errno(for: .fetch(.unreachable(source: "s", reason: "r"))) == EIO)
        #expect(ErrnoMapping.errno(for: .fetch(.offline(source: "s"))) == EIO)
        #expect(ErrnoMapping.errno(for: .fetch(.changed(source: "s", reason: "r"))) == ESTALE)
        #expect(ErrnoMapping.errno(for: .fetch(.cancelled)) == EINTR)
        #expect(ErrnoMapping.errno(for: .system(SystemError("read", code: EBADF))) == EIO)
        #expect(ErrnoMapping.errno(for: .beyondDevice(device: 1, offset: 1, count: 1, size: 0)) == EIO)
    }

    @Test func onlyFaultsOfTheImageAreDamage() {
        #expect(ErrnoMapping.isDamage(.image(.noDevice(id: 3))))
        #expect(!ErrnoMapping.isDamage(.fetch(.offline(source: "s"))))
    }
}
