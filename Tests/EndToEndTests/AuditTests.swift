// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// What tools that audit a root file system say of a mount, against what they say of the kernel's.
    @Suite(
        .serialized,
        .requires(
            .root, .fuse, .fileSystem("erofs"), .tool("mkfs.erofs"), .tool("getcap"), .tool("setcap"), .tool("tar"),
            .tool("find")))
    struct AuditTests {
        /// A tree with owners, set-id and sticky bits, capabilities, devices, hard links and attributes.
        private func makeImage(in directory: TemporaryDirectory) throws -> ErofsImage {
            let tree = try SourceTree(at: directory.path("tree"), files: 200, entries: 100).path
            let script = """
                mkdir -p bin home tmp && cp /bin/true bin/set-id && cp /bin/true bin/capable && cp /bin/true bin/both
                chown 0:5 bin/set-id && chmod 6755 bin/set-id && chmod 1777 tmp && chown 1000:1000 home
                setcap cap_net_raw,cap_net_admin+ep bin/capable && setcap cap_net_bind_service+i bin/both
                setfattr -n user.note -v kept bin/capable
                ln bin/set-id bin/linked && ln -s ../bin/capable home/link && mknod bin/null c 1 3 && mkfifo home/queue
                """
            try runToSuccess(["sh", "-ec", "cd '\(tree)'\n\(script)"])
            return try ErofsImage.make("audit", from: tree, in: directory)
        }

        @Test func toolsSeeWhatTheySeeInTheKernelsMount() throws {
            let directory = try TemporaryDirectory()
            let image = try makeImage(in: directory)
            let kernel = try KernelMount(image, at: directory.makeDirectory("kernel"))
            let mount = try MountedImage(image.path, at: directory.makeDirectory("mnt"))
            let questions = [
                "tar --sort=name --xattrs --xattrs-include='*' -cf - . | sha256sum", "find . -ls | sort -k 11",
                "getcap -r .", "find . -perm /7000 -printf '%p %m %U %G\\n' | sort",
            ]
            for question in questions {
                let answers = try [kernel.mountpoint, mount.mountpoint].map { place in
                    try runToSuccess(["sh", "-ec", "cd '\(place)' && \(question)"]).output
                }
                #expect(answers[0] == answers[1], "\(question)")
                #expect(!answers[0].isEmpty, "\(question)")
            }
            #expect(try runToSuccess(["getcap", "\(mount.mountpoint)/bin/capable"]).output.contains("cap_net_raw"))
        }
    }
}
