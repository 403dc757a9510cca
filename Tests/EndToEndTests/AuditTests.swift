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

        /// A root file system with the database and the files of some small packages of this machine.
        private func makeDebianRoot(in directory: TemporaryDirectory) throws -> String {
            let root = try directory.makeDirectory("root")
            let script = """
                cd '\(root)' && mkdir -p var/lib/dpkg/info var/lib/dpkg/updates && : > var/lib/dpkg/available
                for package in hostname sed gzip; do
                    dpkg-query -s $package >> var/lib/dpkg/status && echo >> var/lib/dpkg/status
                    cp /var/lib/dpkg/info/$package.* var/lib/dpkg/info
                    dpkg-query -L $package | while read -r file; do
                        [ -e "$file" ] && [ "$file" != /. ] && echo "${file#/}"
                    done | tar -C / --no-recursion -chf - -T - | tar -xf -
                done
                """
            try runToSuccess(["bash", "-ec", script])
            return root
        }

        @Test(.requires(.tool("dpkg"), .tool("dpkg-query"))) func dpkgFindsWhatWasChanged() throws {
            let directory = try TemporaryDirectory()
            let root = try makeDebianRoot(in: directory)
            let places = try ["kernel", "mnt"].map { try directory.makeDirectory($0) }
            let files = try runToSuccess(["dpkg-query", "-L", "gzip"]).lines
            let changed = try #require(files.first { $0.hasSuffix("bin/gzip") })
            var reports: [String] = []
            for round in ["sound", "changed"] {
                let image = try ErofsImage.make(round, from: root, in: directory)
                let kernel = try KernelMount(image, at: places[0])
                let mount = try MountedImage(image.path, at: places[1])
                let answers = try [root, kernel.mountpoint, mount.mountpoint].map {
                    try run(["dpkg", "--root=\($0)", "--verify"])
                }
                #expect(answers.allSatisfy { $0.errors == answers[0].errors && $0.status == answers[0].status })
                #expect(answers[1].output == answers[0].output)
                #expect(answers[2].output == answers[0].output)
                reports.append(answers[2].output)
                try mount.unmount()
                try write("changed", to: root + changed)
            }
            #expect(!reports[0].contains("??5"), "\(reports[0])")
            let wrong = reports[1].split(separator: "\n").filter { $0.hasPrefix("??5") }
            #expect(wrong.count == 1 && wrong.first?.hasSuffix(changed) == true, "\(reports[1])")
        }
    }
}
