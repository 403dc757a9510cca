// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    /// Several readers of a disk from which nothing has been read yet, served by as many threads.
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("python3")))
    struct ColdReadersTests {
        private let directory: TemporaryDirectory
        private let original: String
        private let image: ErofsImage

        init() throws {
            directory = try TemporaryDirectory()
            let tree = try directory.makeDirectory("tree")
            original = "\(tree)/file"
            try write(SourceTree.noise(64 << 20, seed: 77), to: original)
            image = try ErofsImage.make("flat", from: tree, in: directory)
        }

        private func mountCold(_ options: [String]) throws -> MountedImage {
            sync()
            try dropCaches()
            return try MountedImage(image.path, at: try directory.makeDirectory("mnt"), options: options)
        }

        private func readers(_ count: Int, _ reads: Int = 2000, of mounted: MountedImage) -> [String] {
            let probe = "\(PackageFiles.root)/Tests/EndToEndTests/Probes/random_reads.py"
            return ["python3", probe, mounted.mountpoint + "/file", original, "\(count)", "\(reads)"]
        }

        @Test(arguments: [
            ["-o", "no_io_uring"], ["-o", "no_io_uring,serving-threads=1"], ["-o", "no_io_uring,serving-threads=2"], [],
        ])
        func allGetTheirBytes(options: [String]) throws {
            let mounted = try mountCold(options)
            #expect(try runToSuccess(readers(8, of: mounted)).output == "0\n")
            // The threads that came to help have to go again, or wake up with the rest.
            #expect(try mounted.unmount().succeeded)
        }

        @Test(arguments: [SIGTERM, SIGKILL])
        func theEndComesWhileTheyRead(signal: Int32) throws {
            let mounted = try mountCold(["-o", "no_io_uring"])
            let readers = try RunningProcess(readers(8, 1_000_000, of: mounted))
            try eventually("reads") { (try mounted.status("bytes") ?? 0) > 1 << 20 }
            mounted.server.signal(signal)
            let end = try mounted.server.wait()
            #expect(end.succeeded == (signal == SIGTERM))
            // They are told, and do not wait for ever.
            if signal == SIGKILL { mounted.abandon() }
            #expect(try !readers.wait().succeeded)
        }
    }
}
