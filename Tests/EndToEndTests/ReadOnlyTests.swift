// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// What programs may and may not do on a mount, against the kernel's mount of the same image.
    @Suite(
        .serialized, .requires(.root, .fuse, .fileSystem("erofs"), .tool("mkfs.erofs"), .tool("python3"), .tool("ldd")))
    struct ReadOnlyTests {
        private let directory: TemporaryDirectory
        private let kernel: KernelMount
        private let mount: MountedImage

        init() throws {
            directory = try TemporaryDirectory()
            let image = try ErofsImage.make("image", from: ReadOnlyTests.makeTree(in: directory), in: directory)
            kernel = try KernelMount(image, at: directory.makeDirectory("kernel"))
            mount = try MountedImage(image.path, at: directory.makeDirectory("mnt"))
        }

        private static func makeTree(in directory: TemporaryDirectory) throws -> String {
            let tree = try directory.makeDirectory("tree")
            try write(SourceTree.text(300_000, seed: 1), to: "\(tree)/file")
            try write("small\n", to: "\(tree)/small")
            let script = """
                cd '\(tree)'
                mkdir empty full sizes lib bin && ln -s file link && mkfifo fifo && mknod device c 1 3
                cp small full/file && ln -s file full/link && cp /bin/true full/program && cp /usr/bin/sha256sum bin
                cp "$(ldd "$(command -v mkfs.erofs)" | awk '$1 ~ /^liblz4/ { print $3 }')" lib/liblz4.so.1
                setfattr -n user.kept -v 1 file
                """
            try runToSuccess(["sh", "-ec", script])
            for size in [1, 4095, 4096, 4097, 131_077, 1 << 20, (3 << 20) + 5] {
                try write(SourceTree.noise(size, seed: UInt64(size)), to: "\(tree)/sizes/\(size)")
            }
            return tree
        }

        /// What the probe says of our mount, by what it tried; it must say the same of the kernel's.
        private func outcomes(_ part: String, except unlike: Set<String> = []) throws -> [String: [String]] {
            let probe = "\(PackageFiles.root)/Tests/EndToEndTests/Probes/read_only.py"
            let answers = try [kernel.mountpoint, mount.mountpoint].map { place in
                try runToSuccess(["python3", probe, part, place], within: 300).lines.map { line in
                    line.split(separator: "\t", maxSplits: 1).map(String.init)
                }
            }
            try #require(answers.allSatisfy { $0.allSatisfy { $0.count == 2 } }, "\(answers)")
            let (expected, seen) = (answers[0], answers[1])
            try #require(expected.map { $0[0] } == seen.map { $0[0] })
            for (expected, seen) in zip(expected, seen) where !unlike.contains(seen[0]) {
                #expect(seen[1] == expected[1], "\(seen[0])")
            }
            return Dictionary(seen.map { ($0[0], [$0[1]]) }, uniquingKeysWith: +)
        }

        @Test func nothingCanBeChanged() throws {
            let outcomes = try outcomes("changes")
            for change in [
                "open O_WRONLY file", "open O_CREAT new", "open O_RDONLY|O_TRUNC file", "mkdir new", "rmdir empty",
                "unlink file", "rename to new", "link new", "symlink new", "mknod regular new", "chmod file",
                "chown file", "truncate file", "setxattr user.new file", "removexattr user.kept file", "utimens file",
                "fchmod", "futimens", "access w file",
            ] {
                #expect(outcomes[change] == ["EROFS"], "\(change)")
            }
            #expect(outcomes["fallocate"] == ["EBADF"])
            #expect(outcomes["fifo for both"] == ["2"])
        }

        @Test func mappedFilesHaveTheBytesThatAreRead() throws {
            let outcomes = try outcomes("mappings")
            for size in ["1", "4097", "1048576", "3145733"] {
                let read = try #require(outcomes["\(size) read"])
                #expect(outcomes["\(size) shared read"] == read)
                #expect(outcomes["\(size) shared execute"] == read)
                #expect(outcomes["\(size) beyond"] == ["SIGBUS"])
            }
            #expect(outcomes["4095 behind the end"] == ["1 {0}"])
            #expect(outcomes["shared write"] == ["EACCES"])
            #expect(outcomes["made writable"] == ["EACCES"])
            #expect(outcomes["private and written"] != outcomes["the file after that"])
            #expect(outcomes["library"]?.first?.hasSuffix(" True  0") == true, "\(outcomes["library"] ?? [])")
        }

        @Test func locksOfTwoProcessesConflict() throws {
            let outcomes = try outcomes("locks")
            #expect(outcomes["file: flock exclusive against flock shared"] == ["EAGAIN"])
            #expect(outcomes["file: flock shared against flock shared"] == ["ok"])
            #expect(outcomes["file: flock exclusive after flock exclusive"] == ["ok"])
            #expect(outcomes["file: record write against record read"] == ["EBADF"])
            #expect(outcomes["file: who holds record read"]?.first?.contains("holder") == true)
        }

        @Test func whoWatchesIsToldWhatHappens() throws {
            let outcomes = try outcomes("watches")
            #expect(outcomes["read in file"] == ["OPEN ", "ACCESS ", "CLOSE_NOWRITE "])
            #expect(outcomes["read in full"] == ["OPEN file", "ACCESS file", "CLOSE_NOWRITE file"])
            #expect(outcomes["run in full"]?.contains("OPEN program") == true)
            #expect(outcomes["refused removal in full"] == nil)
        }
    }
}
