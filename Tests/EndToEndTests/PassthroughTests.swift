// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

extension EndToEnd {
    /// Large files that the kernel reads by itself, from copies that share their blocks with the image or the cache.
    @Suite(
        .serialized,
        .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("mkfs.xfs"), .fileSystem("xfs"), .linux(6, 9)))
    struct PassthroughTests {
        private let directory: TemporaryDirectory
        /// A file system that can share blocks.
        private let disk: String
        private let tree: String

        init() throws {
            directory = try TemporaryDirectory()
            disk = try directory.makeDirectory("disk")
            tree = try directory.makeDirectory("tree")
            let file = directory.path("disk-image")
            try runToSuccess(["truncate", "-s", "400M", file])
            try runToSuccess(["mkfs.xfs", "-q", "-m", "reflink=1", file])
            try runToSuccess(["mount", "-o", "loop", file, disk])
            try write(SourceTree.noise(3 << 20, seed: 51), to: "\(tree)/blocks")
            try write(SourceTree.noise((3 << 20) + 1234, seed: 52), to: "\(tree)/tail")
            try write(SourceTree.text(2 << 20, seed: 53), to: "\(tree)/text")
            try write(SourceTree.noise(300_000, seed: 54), to: "\(tree)/small")
            let part = SourceTree.noise(1 << 20, seed: 55)
            try write(part + SourceTree.noise(65_536, seed: 56) + part + part, to: "\(tree)/repeated")
            try write(
                part + [UInt8](repeating: 0, count: 1 << 20) + part.prefix(70_000), to: "\(tree)/hole")
        }

        /// Makes an image of the tree, and puts it on the disk.
        private func makeImage(_ options: [String] = []) throws -> String {
            let image = try ErofsImage.make("made", from: tree, in: directory, options: options)
            try runToSuccess(["cp", image.path, "\(disk)/image"])
            return "\(disk)/image"
        }

        private func mount(_ image: String, _ options: [String] = []) throws -> MountedImage {
            let mountpoint = directory.path("mnt")
            mkdir(mountpoint, 0o755)
            return try MountedImage(image, at: mountpoint, options: ["-o", "passthrough"] + options)
        }

        private func listing(_ root: String) -> [String] {
            ["sh", "-c", "cd \(root) && find . -printf '%p %y %m %s %T@\\n' | sort && sha256sum *"]
        }

        /// Compares a mount with the kernel's, twice, and reads what it reads from memory as well.
        private func compare(_ mounted: MountedImage, with image: String, devices: [String] = []) throws {
            let kernel = try KernelMount(ErofsImage(path: image, blobs: devices), at: directory.makeDirectory("kernel"))
            let expected = try runToSuccess(listing(kernel.mountpoint)).output
            for _ in 0..<2 {
                #expect(try runToSuccess(listing(mounted.mountpoint)).output == expected)
                let readers = try (0..<4).map { _ in try RunningProcess(listing(mounted.mountpoint)) }
                for reader in readers { #expect(try reader.wait().output == expected) }
                try dropCaches()
            }
            // Through memory mappings, and behind the end.
            for name in ["blocks", "tail", "hole", "text"] {
                let script = """
                    import mmap, sys
                    first, second = (open(path, 'rb') for path in sys.argv[1:])
                    one = mmap.mmap(first.fileno(), 0, prot=mmap.PROT_READ)
                    two = mmap.mmap(second.fileno(), 0, prot=mmap.PROT_READ)
                    first.seek(len(one) - 10)
                    sys.exit(0 if one[:] == two[:] and len(first.read(100)) == 10 else 1)
                    """
                try runToSuccess(
                    ["python3", "-c", script, "\(mounted.mountpoint)/\(name)", "\(tree)/\(name)"])
            }
        }

        @Test(arguments: [true, false])
        func theKernelReadsPlainFilesByItself(throughRings: Bool) throws {
            let image = try makeImage()
            func begin() throws -> MountedImage {
                let mounted = try mount(image)
                try eventually("the mount answers") { try program(["status", mounted.mountpoint]).succeeded }
                return mounted
            }
            let mounted = throughRings && Requirement.fuseRings.lack == nil ? try FuseRings.allowed(begin) : try begin()
            try compare(mounted, with: image)
            #expect(try mounted.status("passedFiles") == 5)
            // The small file alone was asked for: once, and once for each time that its pages were dropped.
            #expect(try #require(try mounted.status("bytes")) <= 3 * 300_000)
            #expect(try runToSuccess(["sh", "-c", "ls -A \(disk)"]).output == "image\n")
            let end = try mounted.unmount()
            #expect(end.succeeded && end.errors.isEmpty, "\(end.errors)")
        }

        @Test func piecesOfABlobAreJoined() throws {
            let image = try ErofsImage.make(
                "chunks", from: tree, in: directory, options: ["--chunksize=65536"], blob: true)
            let blob = try #require(image.blobs.first)
            try runToSuccess(["cp", image.path, "\(disk)/image"])
            try runToSuccess(["cp", blob, "\(disk)/blob"])
            let mounted = try mount("\(disk)/image", ["--device", "\(disk)/blob"])
            try compare(mounted, with: "\(disk)/image", devices: ["\(disk)/blob"])
            #expect(try mounted.status("passedFiles") == 5)
            #expect(try mounted.unmount().succeeded)
        }

        @Test func encodedFilesAreAskedFor() throws {
            let image = try makeImage(["-zlz4"])
            let mounted = try mount(image)
            try compare(mounted, with: image)
            #expect(try #require(try mounted.status("bytes")) >= 2 << 20)
            #expect(try mounted.unmount().succeeded)
        }

        /// The image and the place of the copies are then below the mount itself.
        @Test func theMountMayCoverItsImage() throws {
            let mounted = try MountedImage(try makeImage(), at: disk, options: ["-o", "passthrough,workers=1"])
            // Something is mounted there already.
            try eventually("the mount answers") { try program(["status", disk]).succeeded }
            #expect(try digests(disk) == digests(tree))
            #expect(try mounted.status("passedFiles") == 5)
            #expect(try mounted.unmount().succeeded)
        }

        /// While somebody has a file open that is fetched as it is read, all others have it open in the same way.
        @Test func aFileIsPassedOnceAllOfItIsCached() throws {
            let lazy = try LazyImage(of: tree, cache: "\(disk)/cache")
            let mounted = try lazy.mount(["-o", "passthrough"])
            let holder = try RunningProcess(["sh", "-c", "exec sleep 1000 < \(lazy.mountpoint)/repeated"])
            defer { holder.kill() }
            try eventually("the file is open") { try isOpen(holder) }
            let expected = try runToSuccess(listing(tree)).output.split(separator: "\n").filter {
                $0.hasSuffix("repeated")
            }
            for _ in 0..<2 {
                let got = try runToSuccess(["sh", "-c", "cd \(lazy.mountpoint) && sha256sum repeated"]).output
                #expect(expected.contains { $0 + "\n" == got }, "\(got)")
            }
            #expect(try mounted.status("passedFiles") == 0)
            let fetched = try #require(try mounted.status("bytes"))
            holder.kill()
            _ = try holder.wait()
            try eventually("the file is passed") {
                let got = try runToSuccess(["sh", "-c", "cd \(lazy.mountpoint) && sha256sum repeated"]).output
                #expect(expected.contains { $0 + "\n" == got }, "\(got)")
                return try mounted.status("passedFiles") == 1
            }
            #expect(try #require(try mounted.status("bytes")) <= fetched + (4 << 20))
            #expect(try mounted.unmount().succeeded)
        }

        /// What is shared could not be given back for the limit.
        @Test func aCacheWithALimitSharesNothing() throws {
            let lazy = try LazyImage(of: tree, cache: "\(disk)/cache")
            let mounted = try lazy.mount(["-o", "passthrough", "--max-bytes", "8M"])
            for _ in 0..<2 {
                #expect(try digests(lazy.mountpoint) == digests(tree))
            }
            #expect(try mounted.status("passedFiles") == 0)
            let end = try mounted.unmount()
            #expect(end.errors.contains("passed through to the kernel: the cache has a limit"), "\(end.errors)")
        }

        private func isOpen(_ process: RunningProcess) throws -> Bool {
            try run(["readlink", "/proc/\(process.pid)/fd/0"]).output.hasSuffix("/repeated\n")
        }

        /// Where nothing can be shared the kernel opens files by itself, as without the option.
        @Test func elsewhereItMakesNoDifference() throws {
            try runToSuccess(["umount", disk])
            try runToSuccess(["mount", "-t", "tmpfs", "none", disk])
            let image = try makeImage()
            let mounted = try mount(image)
            try compare(mounted, with: image)
            #expect(try mounted.status("passedFiles") == 0)
            #expect(try !program(["status", mounted.mountpoint]).output.contains("PASSTHROUGH"))
            let end = try mounted.unmount()
            #expect(end.errors.contains("no files are passed through to the kernel"), "\(end.errors)")
            #expect(end.errors.contains("FICLONERANGE"), "\(end.errors)")
        }

        /// Only root may give the kernel files.
        @Test func ordinaryUsersReadAsEver() throws {
            let account = try Account.unprivileged()
            let home = try TemporaryDirectory(ownedBy: account)
            let image = try makeImage()
            try runToSuccess(["chmod", "a+rwx", disk])
            try runToSuccess(["chmod", "a+r", image])
            try runToSuccess(["chmod", "a+x", directory.path("")])
            let mountpoint = try home.makeDirectory("mnt", ownedBy: account)
            let mounted = try MountedImage(image, at: mountpoint, options: ["-o", "passthrough"], as: account)
            #expect(try digests(mountpoint, as: account) == digests(tree))
            let end = try mounted.unmount(as: account)
            #expect(end.errors.contains("passed through to the kernel"), "\(end.errors)")
        }
    }
}
