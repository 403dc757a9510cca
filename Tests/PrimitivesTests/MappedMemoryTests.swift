// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@Suite struct MappedMemoryTests {
    @Test func aProgramHasSomeOfItsOwnFileMapped() {
        let bytes = MappedMemory.bytes
        #expect(bytes > 0)
        #expect(bytes % 4096 == 0)
    }
}
