// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs")))
    struct DigestTests {
        private static let unit = 65_536

        /// A server flips one bit in one unit: that unit alone cannot be read, until the server is mended.
        @Test(arguments: ["sha256", "blake3"]) func aWrongUnitFailsAlone(algorithm: String) throws {
            let sources = try TemporaryDirectory()
            let content = SourceTree.noise(2 << 20, seed: 7)
            try write(content, to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let server = try ScriptedServer(serving: lazy.blobs)
            let options = try digestOptions(lazy, algorithm)
            // The file's bytes lie in one of the blobs as they are.
            let bad = try #require(try place(of: content, in: lazy.image.blobs))
            server.answer { $0.path.hasSuffix(bad.name) ? .flipped(at: bad.offset + 100) : .file }

            let mounted = try lazy.mount(remote: server.url + "/", options)
            for start in stride(from: 0, to: content.count, by: DigestTests.unit) {
                let got = try lazy.read("file", offset: start, count: DigestTests.unit)
                if start == 5 * DigestTests.unit {
                    #expect(got.status == 1)
                    #expect(got.errors.contains("Input/output error"))
                } else {
                    #expect(got.bytes == Array(content[start..<start + DigestTests.unit]), "unit at \(start)")
                }
            }
            let wanted = bad.offset / DigestTests.unit * DigestTests.unit
            #expect(server.requests.count { $0.path.hasSuffix(bad.name) && $0.range?.contains(wanted) == true } > 1)
            server.answer { _ in .file }
            #expect(try lazy.read("file", count: content.count).bytes == content)
            try mounted.unmount()
        }

        @Test func aListMustHaveItsRootAndItsBlob() throws {
            let sources = try TemporaryDirectory()
            try write(SourceTree.noise(1 << 20, seed: 7), to: sources.path("file"))
            let lazy = try LazyImage(of: sources.path)
            let options = try digestOptions(lazy, "sha256")
            let wrong = try program(
                ["mount", lazy.image.path, lazy.mountpoint]
                    + lazy.options(
                        remote: nil,
                        ["-o", "digests=\(options[1])", "--root-digest", String(repeating: "0", count: 64)]))
            #expect(wrong.status != 0)
            #expect(wrong.errors.contains("root digest"), "\(wrong.errors)")
            let file = try program(
                ["mount", lazy.image.path, lazy.mountpoint]
                    + lazy.options(remote: nil, ["--digests", "\(options[1])/image.blob1.digests"]))
            #expect(file.errors.contains("not of 'image.blob2'"), "\(file.errors)")
        }

        /// Writes the lists of all blobs, and gives the options that name them.
        private func digestOptions(_ lazy: LazyImage, _ algorithm: String) throws -> [String] {
            let lists = try lazy.directory.makeDirectory("lists-\(algorithm)")
            var options = ["--digests", lists, "--read-ahead", "0"]
            for blob in lazy.image.blobs {
                let name = blob.split(separator: "/").last.map(String.init) ?? ""
                let made = try program(
                    ["digests", blob, "--unit", "64K", "--algorithm", algorithm, "-o", "\(lists)/\(name).digests"])
                #expect(made.succeeded, "\(made.errors)")
                options += ["--root-digest", made.lines.first ?? ""]
            }
            return options
        }

        /// Where the sixth unit of a content lies.
        private func place(of content: [UInt8], in blobs: [String]) throws -> (name: String, offset: Int)? {
            let start = content[(5 * DigestTests.unit)...].prefix(DigestTests.unit)
            for blob in blobs {
                let whole = try bytes(ofFile: blob)
                let place = stride(from: 0, to: whole.count, by: 4096).first {
                    whole[$0...].prefix(start.count).elementsEqual(start)
                }
                if let place { return (blob.split(separator: "/").last.map(String.init) ?? "", place) }
            }
            return nil
        }
    }
}
