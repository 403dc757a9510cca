// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Testing

@Suite struct NamingTests {
    @Test(
        arguments: [
            (Array("blob1.img".utf8), "Dblob1.img"), (Array("a b".utf8), "E0x1yo"),
            (Array("dir/blob".utf8), "E1ABCsL86rL960"), ([0x63, 0x61, 0x66, 0xC3, 0xA9], "E1z5Cp3Da0"),
            ([0, 0, 0, 1], "S1"), ([1, 0, 0, 0], "T1"), (Array(1...16), "E218M04kw17wg2aI03dUM3g000"),
        ] as [([UInt8], String)])
    func namesAreTheKernels(key: [UInt8], name: String) {
        #expect(CookieName.name(for: key) == name)
    }

    @Test(
        arguments: [
            ("erofs,test.img", "test.img", 0xD13A_83F4, 0x69EF_6EF7, "@f7"),
            ("erofs,test.img", "blob1.img", 0xD13A_83F4, 0x4575_69CB, "@cb"),
            ("erofs,domain0", "test.img", 0x9F88_24CC, 0xB6E5_1C1B, "@1b"),
            ("erofs,domain0", "blob1.img", 0x9F88_24CC, 0xD157_266B, "@6b"),
            ("erofs,img", "a", 0x8BBA_CBB2, 0xF3D7_647F, "@7f"),
        ] as [(String, String, UInt32, UInt32, String)])
    func hashesAreTheKernels(volume: String, cookie: String, first: UInt32, second: UInt32, directory: String) {
        let hash = KeyHash.volume(Array(volume.utf8))
        #expect(hash == first)
        #expect(KeyHash.cookie(Array(cookie.utf8), volume: hash) == second)
        #expect(KeyHash.directory(second) == directory)
    }

    @Test func theAttributeIsTheKernels() {
        let value = CoherencyAttribute(size: 8192).value
        #expect(value == [0, 0, 0, 0, 0, 0, 0x20, 0] + [UInt8](repeating: 0, count: 8) + [1, 0])
        #expect(CoherencyAttribute(value) == CoherencyAttribute(size: 8192))
        #expect(CoherencyAttribute(Array(value.dropLast())) == nil)
    }
}
