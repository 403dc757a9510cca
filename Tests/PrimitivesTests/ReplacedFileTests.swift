// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives
import TestSupport
import Testing

@Suite struct ReplacedFileTests {
    @Test func theNewBytesStandInThePlaceOfTheOld() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/list"
        for text in ["first, and longer", "second"] {
            try ReplacedFile.write(Array(text.utf8), to: path, mode: 0o640)
            #expect(try bytes(ofFile: path) == Array(text.utf8))
        }
        var status = stat()
        #expect(stat(path, &status) == 0 && status.st_mode & 0o7777 == 0o640)
    }

    @Test func whatCannotBeReplacedStaysAndNoDraftIsLeft() throws {
        let directory = try TemporaryDirectory()
        let path = "\(directory.path)/folder"
        #expect(mkdir(path, 0o700) == 0)
        #expect(throws: SystemError.self) { try ReplacedFile.write([1], to: path) }
        #expect(access(path, F_OK) == 0)
        #expect(access("\(path).\(getpid())", F_OK) != 0)
    }
}
