// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("nginx")))
    struct InspectionTests {
        @Test func inspectAndExplainTellWhereAFileLies() throws {
            let sources = try TemporaryDirectory()
            try write(SourceTree.noise(300_000, seed: 1), to: sources.path("file"))
            try write(SourceTree.noise(300_000, seed: 2), to: sources.path("other"))
            let lazy = try LazyImage(of: sources.path)
            let whole = try program(["inspect", lazy.image.path])
            #expect(whole.status == 0, "\(whole.errors)")
            #expect(whole.output.contains("image.blob1"))
            let file = try program(["inspect", lazy.image.path, "/file"])
            #expect(file.status == 0, "\(file.errors)")
            #expect(file.output.contains("300000"))
            #expect(try program(["inspect", lazy.image.path, "/absent"]).status == 1)

            let before = try program(["explain"] + lazy.options() + [lazy.image.path, "/file"])
            #expect(before.status == 0, "\(before.errors)")
            #expect(before.output.contains("downloadFromServer"))
            let mounted = try lazy.mount()
            #expect(try lazy.read("file", count: 300_000).succeeded)
            let status = try program(["status", "--json", lazy.mountpoint])
            #expect(status.status == 0, "\(status.errors)")
            #expect(status.output.contains("image.blob1"))
            try mounted.unmount()
            let after = try program(["explain"] + lazy.options() + [lazy.image.path, "/file"])
            #expect(after.output.contains("readFromCache"))
            #expect(!after.output.contains("downloadFromServer"))
        }

        @Test func inspectListsATree() throws {
            let sources = try TemporaryDirectory()
            let directory = try sources.makeDirectory("folder")
            try write("x", to: "\(directory)/file")
            for number in 0..<300 { try write("", to: "\(directory)/another file with a long name \(number)") }
            try runToSuccess(["ln", "-s", "folder/file", sources.path("link")])
            let lazy = try LazyImage(of: sources.path)
            let tree = try program(["inspect", "--tree", lazy.image.path])
            #expect(tree.status == 0, "\(tree.errors)")
            let found = try runToSuccess(["find", sources.path]).lines.count
            #expect(tree.lines.count == found)
            #expect(tree.lines.contains { $0.hasSuffix(" /link -> folder/file") })
            let part = try program(["inspect", "--tree", "--json", lazy.image.path, "/folder"])
            #expect(part.lines.count == 302)
            #expect(part.lines.contains { $0.contains("\"path\":\"/folder/file\"") && $0.contains("\"size\":1,") })
        }

        @Test func explainSpeaksToPrograms() throws {
            let sources = try TemporaryDirectory()
            try write(SourceTree.noise(300_000, seed: 1), to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let json = try program(["explain", "--json"] + lazy.options() + [lazy.image.path, "/file"])
            #expect(json.status == 0, "\(json.errors)")
            #expect(json.output.contains("\"verdict\" : \"downloadFromServer\""))
            #expect(json.output.contains("\"size\" : 300000"))
        }

        /// A directory that contains itself is named, and not entered again.
        @Test func aLoopInATreeEnds() throws {
            let directory = try TemporaryDirectory()
            let image = directory.path("image")
            try #require(Damage.all().first { $0.name == "loop of directories" }).write(to: image)
            let tree = try program(["inspect", "--tree", image])
            #expect(tree.status == 0, "\(tree.errors)")
            #expect(tree.lines.contains { $0.hasSuffix(" /names/deep/y") })
            #expect(!tree.output.contains("/names/deep/y/"))
        }

        @Test func statusOfWhatIsNotMountedFails() throws {
            let directory = try TemporaryDirectory()
            #expect(try program(["status", directory.path]).status == 1)
        }
    }
}
