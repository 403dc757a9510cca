// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// The registry goes away under load and comes back; `examples/containers/outage.sh` does it for a minute.
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("docker-registry"), .tool("dd")))
    struct OutageTests {
        @Test func cachedReadsNeverFailAndColdOnesRecoverWithoutARemount() throws {
            let directory = try TemporaryDirectory()
            let tree = try directory.makeDirectory("tree")
            let warm = SourceTree.noise(2 << 20, seed: 1)
            try write(warm, to: "\(tree)/warm")
            for number in 0..<8 {
                try write(SourceTree.noise(1 << 20, seed: 10 + UInt64(number)), to: "\(tree)/cold-\(number)")
            }
            let image = try ErofsImage.make(
                "image", from: tree, in: directory, options: ["--chunksize=65536"], blob: true)
            let registry = try ImageRegistry(
                [
                    ImageRegistry.Layer(image.path, "application/vnd.erofs.bootstrap.v1"),
                    ImageRegistry.Layer(directory.path("image.blob"), "application/vnd.erofs.blob.v1"),
                ], wantsPassword: false)
            let point = try directory.makeDirectory("mnt")
            let mounted = try MountedImage(
                "\(registry.repository):v1", at: point,
                options: ["--cache-dir", directory.path("cache"), "--retries", "1", "--deadline", "5s"])
            #expect(try run(["cat", "\(point)/warm"]).bytes == warm)

            // Out of the kernel's memory before each round, so that every read asks the program.
            let loop = """
                while [ ! -e \(directory.path("stop")) ]; do
                    dd if=\(point)/warm iflag=nocache count=0 status=none
                    cmp -s \(point)/warm \(tree)/warm || exit 1
                    echo round
                done
                """
            let load = try RunningProcess(["sh", "-c", loop])
            registry.stop()
            for number in 0..<3 {
                let cold = try run(["cat", "\(point)/cold-\(number)"])
                #expect(cold.errors.contains("Input/output error"))
            }
            #expect(load.isRunning)
            try registry.start()
            for number in 0..<8 {
                let expected = SourceTree.noise(1 << 20, seed: 10 + UInt64(number))
                try eventually("cold-\(number)") { try run(["cat", "\(point)/cold-\(number)"]).bytes == expected }
            }
            try write("", to: directory.path("stop"))
            let rounds = try load.wait()
            #expect(rounds.succeeded)
            #expect(rounds.output.contains("round"))
            try mounted.unmount()
        }
    }
}
