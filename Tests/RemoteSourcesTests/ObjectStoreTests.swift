// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Foundation
import RemoteSources
import Testing

@Suite(.serialized) struct ObjectStoreTests {
    /// The example of Amazon's manual, "GET Object" with a range.
    @Test func signatureOfTheManual() throws {
        let keys = RequestSignature.Keys(
            access: "AKIAIOSFODNN7EXAMPLE", secret: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY")
        let url = try #require(HTTPURL("https://examplebucket.s3.amazonaws.com/test.txt"))
        let fields = RequestSignature(keys: keys, region: "us-east-1").fields(for: url, range: "0-9", at: 1_369_353_600)
        let authorization = try #require(fields.first { $0.name == "Authorization" })
        #expect(
            authorization.value
                == "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
                + "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
                + "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41")
        #expect(fields.contains(HTTPField("x-amz-date", "20130524T000000Z")))
    }

    @Test func objectsOfABucketBehindAnEndpoint() throws {
        let blob = pattern(100)
        let server = try ScriptedServer { $1.serve(blob, $0) }
        defer { server.stop() }
        var settings = quickSettings()
        settings.environment = [
            "AWS_ACCESS_KEY_ID": "key", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "visit",
            "AWS_ENDPOINT_URL": "http://127.0.0.1:\(server.port)", "AWS_REGION": "eu-west-9",
        ]
        let source = try RemoteLocation.remote("s3://bucket/images/v1/", settings: settings).source(for: "a+b")
        #expect(try source.bytes(1..<5, of: source.identity()) == Array(blob[1..<5]))
        let request = try #require(server.requests.last)
        #expect(request.target == "/bucket/images/v1/a%2Bb")
        #expect(request.fields["authorization"]?.contains("Credential=key/") == true)
        #expect(request.fields["authorization"]?.contains("/eu-west-9/s3/") == true)
        #expect(request.fields["x-amz-security-token"] == "visit")
    }

    @Test func keysOfAProfileFile() throws {
        let server = try ScriptedServer { $1.serve([7], $0) }
        defer { server.stop() }
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("profile-\(UUID().uuidString)")
        try Data(
            "[default]\naws_access_key_id=no\naws_secret_access_key=no\n# c\n[ci]\naws_access_key_id = yes\naws_secret_access_key = x\n"
                .utf8
        )
        .write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        var settings = quickSettings()
        settings.environment = ["AWS_SHARED_CREDENTIALS_FILE": file.path, "AWS_PROFILE": "ci", "HOME": "/nonexistent"]
        settings.objectStore.endpoint = "http://127.0.0.1:\(server.port)"
        _ = try RemoteLocation.remote("s3://b", settings: settings).source(for: "o").identity()
        #expect(server.requests.last?.fields["authorization"]?.contains("Credential=yes/") == true)
        settings.objectStore.isAnonymous = true
        _ = try RemoteLocation.remote("s3://b", settings: settings).source(for: "o").identity()
        #expect(server.requests.last?.fields["authorization"] == nil)
    }

    @Test func bucketGoesIntoTheHostAtAmazon() throws {
        func name(_ text: String, _ change: (inout RemoteSettings) -> Void = { _ in }) throws -> String {
            var settings = quickSettings()
            settings.objectStore.region = "eu-west-1"
            change(&settings)
            return try RemoteLocation.remote(text, settings: settings).source(for: "x").name
        }
        #expect(try name("s3://bucket/p") == "https://bucket.s3.eu-west-1.amazonaws.com/p/x")
        #expect(try name("s3://b.c/p") == "https://s3.eu-west-1.amazonaws.com/b.c/p/x")
        #expect(
            try name("s3://bucket") { $0.objectStore.usesPathStyle = true }
                == "https://s3.eu-west-1.amazonaws.com/bucket/x")
        #expect(throws: FetchError.self) { try name("s3:///p") }
        #expect(throws: FetchError.self) { try name("s3://a b") }
    }
}
