// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import RemoteSources
import TestSupport
import Testing

/// Objects of moto's server, which speaks S3.
@Suite(.serialized, .requires(.tool("moto_server"), .tool("curl")))
struct ObjectStoreServerTests {
    @Test func objectsAreReadBySignedRequests() throws {
        let blob = pattern(300_000)
        let directory = try TemporaryDirectory()
        try write(blob, to: directory.path("blob"))
        let server = try ObjectStoreServer([("layers/the%20blob", directory.path("blob"))])
        var settings = RemoteSettings()
        settings.transfer.transport.proxy = .none
        settings.objectStore.endpoint = server.endpoint
        settings.objectStore.region = "us-east-1"
        settings.credentials = RemoteSettings.Credentials(
            user: ObjectStoreServer.accessKey, password: ObjectStoreServer.secretKey)
        let remote = try RemoteLocation.remote("s3://bucket/layers", settings: settings)
        let source = try remote.source(for: "the blob")
        let identity = try source.identity()
        #expect(identity.size == 300_000)
        #expect(try source.bytes(0..<300_000, of: identity) == blob)
        #expect(try source.bytes(299_990..<300_000, of: identity) == Array(blob[299_990...]))
        let missing = try remote.source(for: "nothing")
        let error = #expect(throws: FetchError.self) { try missing.identity() }
        #expect(error?.kind == "notFound")
    }
}
