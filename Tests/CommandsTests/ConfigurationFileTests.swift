// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import TestSupport
import Testing

@testable import Commands

@Suite struct ConfigurationFileTests {
    private func load(_ text: String) throws -> ImageSettings {
        let directory = try TemporaryDirectory()
        let path = directory.path("settings.toml")
        try write(Array(text.utf8), to: path)
        var settings = ImageSettings()
        try ConfigurationFile.load(path, into: &settings)
        return settings
    }

    @Test func keysAreTheOptionsNames() throws {
        let settings = try load(
            """
            remote = ["https://blobs.example/layers", "/srv/blobs"]
            cache-dir = "/var/cache/x"   # a comment
            fetch-window = 65536
            read-ahead = "1M"
            offline = true
            """)
        #expect(settings.remotes == ["https://blobs.example/layers", "/srv/blobs"])
        #expect(settings.cacheDirectory == "/var/cache/x")
        #expect(settings.fetch.window == 65536)
        #expect(settings.fetch.largestReadAhead == 1 << 20)
        #expect(settings.fetch.isOffline)
    }

    @Test(
        arguments: [
            ("fsid = \"x\"\nno-such-key = 1\n", 2, "no-such-key"), ("\nworkers = \"many\"\n", 2, "workers"),
            ("offline = [true, false]\n", 1, "one value"), ("config = \"other\"\n", 1, "config"),
            ("fsid = 1.5\n", 1, "fsid"), ("remot = [\"x\"]\n", 1, "not known"), ("remote = 5\n", 1, "a list of texts"),
            ("\n\ncache-dir = true\n", 3, "a text"),
        ] as [(String, Int, String)])
    func mistakesAreErrorsWithTheirLine(text: String, line: Int, word: String) throws {
        let error = #expect(throws: UsageError.self) { _ = try load(text) }
        guard case .configuration(_, let found, let reason)? = error else { return }
        #expect(found == line)
        #expect(reason.contains(word))
    }

    @Test func brokenTOMLIsAnErrorWithItsLine() throws {
        let error = #expect(throws: UsageError.self) { _ = try load("fsid = \"x\"\nremote = [\n") }
        guard case .configuration(_, let line, _)? = error else { return }
        #expect(line != nil)
    }
}
