// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import Foundation
import RemoteSources
import Testing

import class TestSupport.TemporaryDirectory

/// From a reference to what is mounted.
@Suite(.serialized) struct ImageResolverTests {
    private func settings() -> RemoteSettings {
        var settings = quickSettings()
        settings.registry.authFile = "/nonexistent"
        settings.registry.platform = "linux/amd64"
        return settings
    }

    private func manifest(_ layers: [(type: String, bytes: [UInt8], annotations: String)]) -> [UInt8] {
        let texts = layers.map {
            #"{"mediaType":"\#($0.type)","digest":"\#(MockRegistry.digest($0.bytes))","size":\#($0.bytes.count)"#
                + #","annotations":{\#($0.annotations)}}"#
        }
        return Array(#"{"schemaVersion":2,"config":{},"layers":[\#(texts.joined(separator: ","))]}"#.utf8)
    }

    @Test func erofsBootstrapWithNamedBlobs() throws {
        let image = pattern(3000)
        let data = pattern(4000)
        let document = manifest([
            ("application/vnd.erofs.bootstrap.v1", image, #""org.opencontainers.image.title":"image.erofs""#),
            ("application/vnd.erofs.blob.v1", data, #""org.opencontainers.image.title":"blob1""#),
        ])
        let registry = try MockRegistry(blobs: [image, data], manifests: ["v1": document])
        defer { registry.server.stop() }
        let resolved = try RegistryImage.resolve(registry.reference + ":v1", settings: settings())
        #expect(resolved.digest.description == MockRegistry.digest(document))
        #expect(resolved.blobs == [MockRegistry.digest(data)])
        guard case .blob(let name, let size) = resolved.content else {
            Issue.record("no blob")
            return
        }
        #expect((name, size) == (MockRegistry.digest(image), 3000))
        let blob = try resolved.remote.source(for: "blob1")
        let identity = try blob.identity()
        #expect(try blob.bytes(5..<25, of: identity) == Array(data[5..<25]))
    }

    @Test func indexIsResolvedForThePlatform() throws {
        let image = pattern(100)
        let document = manifest([("application/vnd.erofs.layer.v1", image, "")])
        func entry(_ architecture: String, _ digest: String) -> String {
            #"{"digest":"\#(digest)","size":1,"platform":{"os":"linux","architecture":"\#(architecture)"}}"#
        }
        let other = "sha256:" + String(repeating: "1", count: 64)
        let index = #"{"manifests":[\#(entry("arm64", other)),\#(entry("amd64", MockRegistry.digest(document)))]}"#
        let registry = try MockRegistry(
            blobs: [image], manifests: ["latest": Array(index.utf8), "app": document])
        defer { registry.server.stop() }
        let resolved = try RegistryImage.resolve(registry.reference, settings: settings())
        #expect(resolved.digest.description == MockRegistry.digest(document))
        var wrong = settings()
        wrong.registry.platform = "linux/s390x"
        let error = #expect(throws: FetchError.self) { try RegistryImage.resolve(registry.reference, settings: wrong) }
        #expect(error?.description.contains("linux/arm64, linux/amd64") == true)
    }

    @Test func rafsBootstrapIsUnpackedAndVerified() throws {
        let bootstrap = pattern(1500)
        let archive = tar("image/image.boot", bootstrap)
        let document = manifest([
            ("application/vnd.oci.image.layer.nydus.blob.v1", [1, 2, 3], ""),
            (
                "application/vnd.oci.image.layer.v1.tar+gzip", archive,
                #""containerd.io/snapshot/nydus-bootstrap":"true","containerd.io/snapshot/nydus-fs-version":"6""#
            ),
        ])
        let registry = try MockRegistry(blobs: [archive, [1, 2, 3]], manifests: ["v1": document])
        defer { registry.server.stop() }
        let name = registry.reference + "@" + MockRegistry.digest(document)
        guard case .bootstrap(_, let source) = try RegistryImage.resolve(name, settings: settings()).content else {
            Issue.record("no bootstrap")
            return
        }
        // The layer is not fetched before somebody asks for it, and then once.
        let layer = "/blobs/" + MockRegistry.digest(archive)
        #expect(!registry.targets.contains { $0.hasSuffix(layer) })
        let identity = try source.identity()
        #expect(identity == BlobIdentity(size: 1500, validator: MockRegistry.digest(archive)))
        #expect(try source.bytes(0..<1500, of: identity) == bootstrap)
        #expect(try source.bytes(700..<701, of: identity) == [bootstrap[700]])
        #expect(registry.targets.count { $0.hasSuffix(layer) } == 1)
    }

    @Test func aBootstrapLayerThatIsAnotherThanTheManifestSaysIsRefused() throws {
        let wanted = tar("image/image.boot", pattern(1500))
        let document = manifest([
            (
                "application/vnd.oci.image.layer.v1.tar+gzip", wanted,
                #""containerd.io/snapshot/nydus-bootstrap":"true""#
            )
        ])
        let forged = tar("image/image.boot", pattern(1501))
        let registry = try MockRegistry(
            blobs: [], manifests: ["v1": document], forged: [MockRegistry.digest(wanted): forged])
        defer { registry.server.stop() }
        let image = try RegistryImage.resolve(registry.reference + ":v1", settings: settings())
        guard case .bootstrap(_, let source) = image.content else {
            Issue.record("no bootstrap")
            return
        }
        let error = #expect(throws: FetchError.self) { try source.identity() }
        #expect(error?.kind == "digestMismatch")
    }

    @Test func plainImagesAndForgedManifestsAreRefused() throws {
        let plain = manifest([("application/vnd.oci.image.layer.v1.tar+gzip", [1], "")])
        let claimed = "sha256:" + String(repeating: "a", count: 64)
        let registry = try MockRegistry(manifests: ["plain": plain, claimed: plain])
        defer { registry.server.stop() }
        let error = #expect(throws: FetchError.self) {
            try RegistryImage.resolve(registry.reference + ":plain", settings: settings())
        }
        #expect(error?.description.contains("vnd.oci.image.layer.v1.tar+gzip") == true)
        let forged = #expect(throws: FetchError.self) {
            try RegistryImage.resolve(registry.reference + "@" + claimed, settings: settings())
        }
        #expect(forged?.kind == "digestMismatch")
    }

    @Test func manifestsAreKeptForTimesWithoutTheRegistry() throws {
        let image = pattern(64)
        let document = manifest([("application/vnd.erofs.layer.v1", image, "")])
        let directory = try TemporaryDirectory()
        var settings = settings()
        settings.registry.manifestDirectory = directory.path + "/manifests"
        settings.transfer.retry.attempts = 1
        let registry = try MockRegistry(blobs: [image], manifests: ["v1": document])
        let name = registry.reference + ":v1"
        #expect(try RegistryImage.resolve(name, settings: settings).staleness == nil)
        var offline = settings
        offline.registry.isOffline = true
        #expect(try RegistryImage.resolve(name, settings: offline).digest.description == MockRegistry.digest(document))
        registry.server.stop()
        let kept = try RegistryImage.resolve(name, settings: settings)
        #expect(kept.digest.description == MockRegistry.digest(document))
        #expect(kept.staleness?.kind == "unreachable")
        let other = #expect(throws: FetchError.self) {
            try RegistryImage.resolve(registry.reference + ":v2", settings: offline)
        }
        #expect(other?.kind == "offline")
    }

    private func tar(_ name: String, _ content: [UInt8]) -> [UInt8] {
        var header = [UInt8](repeating: 0, count: 512)
        header.replaceSubrange(0..<name.utf8.count, with: Array(name.utf8))
        header.replaceSubrange(124..<135, with: Array(String(format: "%011o", content.count).utf8))
        header[156] = UInt8(ascii: "0")
        header.replaceSubrange(257..<262, with: Array("ustar".utf8))
        return header + content + [UInt8](repeating: 0, count: 1024 + (512 - content.count % 512) % 512)
    }
}
