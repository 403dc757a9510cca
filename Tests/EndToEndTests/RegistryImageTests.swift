// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    @Suite(.serialized, .requires(.root, .fuse, .tool("mkfs.erofs"), .tool("docker-registry"), .tool("setpriv")))
    struct RegistryImageTests {
        private static let content = SourceTree.noise(1 << 20, seed: 5)
        private static let other = SourceTree.noise(1 << 20, seed: 6)

        /// A registry that wants a password, and a user whose home holds nothing but the password.
        private final class Site {
            let directory: TemporaryDirectory
            let account: Account
            let registry: ImageRegistry
            let mountpoint: String
            let cache: String

            init() throws {
                account = try Account.unprivileged()
                directory = try TemporaryDirectory(ownedBy: account)
                let sources = try directory.makeDirectory("tree")
                try write(content, to: "\(sources)/one")
                try write(other, to: "\(sources)/two")
                let whole = try ErofsImage.make(
                    "whole", from: sources, in: directory, options: ["--chunksize=65536"], blob: true)
                let image = try whole.split(into: 2, in: directory, name: "image")
                let layers = ["image.blob1", "image.blob2"].map { [directory] name in
                    ImageRegistry.Layer(
                        directory.path(name), "application/vnd.erofs.blob.v1",
                        annotations: ["org.opencontainers.image.title": name])
                }
                registry = try ImageRegistry(
                    [ImageRegistry.Layer(image.path, "application/vnd.erofs.bootstrap.v1")] + layers,
                    wantsPassword: true)
                mountpoint = try directory.makeDirectory("mnt", ownedBy: account)
                cache = try directory.makeDirectory("cache", ownedBy: account)
                let docker = try directory.makeDirectory(".docker", ownedBy: account)
                let auth = "YWxpY2U6c2VjcmV0"
                try write(
                    "{\"auths\":{\"127.0.0.1:\(registry.port)\":{\"auth\":\"\(auth)\"}}}", to: "\(docker)/config.json")
            }

            func mount(_ reference: String, _ options: [String] = []) throws -> MountedImage {
                try MountedImage(
                    reference, at: mountpoint, options: ["--cache-dir", cache] + options, as: account,
                    environment: environment)
            }

            var environment: [String: String] {
                ["HOME": directory.path, "XDG_RUNTIME_DIR": "", "XDG_CONFIG_HOME": "", "REGISTRY_AUTH_FILE": ""]
            }

            func read(_ name: String) throws -> Outcome { try run(["cat", "\(mountpoint)/\(name)"], as: account) }
        }

        @Test func aTagIsMountedByAnUnprivilegedUserWithDockersCredentials() throws {
            let site = try Site()
            let mounted = try site.mount("\(site.registry.repository):v1")
            #expect(try site.read("one").bytes == RegistryImageTests.content)
            #expect(try site.read("two").bytes == RegistryImageTests.other)
            try mounted.unmount(as: site.account)
            let inspected = try run(
                [PackageFiles.program(), "inspect", "--cache-dir", site.cache]
                    + ["\(site.registry.repository)@\(site.registry.digest)"],
                as: site.account, environment: site.environment)
            #expect(inspected.succeeded, "\(inspected.errors)")
        }

        @Test func whatIsCachedNeedsNoRegistry() throws {
            let site = try Site()
            let tag = "\(site.registry.repository):v1"
            let first = try site.mount(tag)
            #expect(try site.read("one").bytes == RegistryImageTests.content)
            try first.unmount(as: site.account)
            site.registry.stop()
            let offline = try site.mount(tag, ["--offline"])
            #expect(try site.read("one").bytes == RegistryImageTests.content)
            #expect(try !site.read("two").succeeded)
            try offline.unmount(as: site.account)
            let stopped = try site.mount(tag)
            #expect(try site.read("one").bytes == RegistryImageTests.content)
            try site.registry.start()
            try eventually("the registry is asked again") { try site.read("two").bytes == RegistryImageTests.other }
            try stopped.unmount(as: site.account)
        }
    }
}
