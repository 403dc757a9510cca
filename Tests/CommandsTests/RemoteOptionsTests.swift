// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlobFetch
import RemoteSources
import TestSupport
import Testing

@testable import Commands

/// Each option about remotes reaches the setting it is for, from the command line, from `-o` and from a file.
@Suite struct RemoteOptionsTests {
    @Test func optionsReachTheirSettings() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path("file")
        try write("alice:se:cret\nmore\n", to: file)
        let options = try ImageOptions.parse([
            "--ca-file", file, "--client-cert", file, "--client-key", file, "--credentials-file", file, "--auth-file",
            file,
            "--plain-http", "--mirror", "one:5000", "--mirror", "two/prefix", "--platform", "linux/arm64",
            "--proxy", "http://proxy:3128", "--no-proxy", "a,b", "-o", "s3-endpoint=http://store,s3-anonymous",
            "-o", "s3-region=here,s3-profile=mine,s3-path-style=false,tls-skip-verify", "--connect-timeout", "500ms",
            "--stall-timeout", "3s", "--deadline", "2m", "--retries", "0", "--requests-per-host", "3",
            "--fetch-rate", "2M",
        ])
        let settings = try options.settings().transfer
        #expect(settings.credentials == RemoteSettings.Credentials(user: "alice", password: "se:cret"))
        let transport = settings.transfer.transport
        #expect(transport.certificateAuthorities == file)
        #expect(transport.clientCertificate == file)
        #expect(transport.clientKey == file)
        #expect(transport.skipsVerification)
        #expect(transport.proxy == .url("http://proxy:3128", except: "a,b"))
        #expect(transport.connectTimeout == 500)
        #expect(transport.stallTimeout == 3000)
        #expect(settings.transfer.deadline == 120_000)
        #expect(settings.transfer.retry.attempts == 1)
        #expect(settings.transfer.requestsPerHost == 3)
        #expect(settings.transfer.rate?.bytesPerSecond == 2 << 20)
        #expect(settings.registry.authFile == file)
        #expect(settings.registry.plainHTTP)
        #expect(settings.registry.mirrors == ["one:5000", "two/prefix"])
        #expect(settings.registry.platform == "linux/arm64")
        #expect(settings.objectStore.endpoint == "http://store")
        #expect(settings.objectStore.region == "here")
        #expect(settings.objectStore.profile == "mine")
        #expect(settings.objectStore.usesPathStyle == false)
        #expect(settings.objectStore.isAnonymous)
    }

    @Test func aFileGivesThemTooAndTheCommandLineWins() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path("settings.toml")
        try write(
            "mirror = [\"one\", \"two\"]\nno-proxy = \"a\"\nproxy = \"http://p:1\"\nretries = 7\ndeadline = \"9s\"\n",
            to: file)
        let settings = try ImageOptions.parse(["--config", file, "--mirror", "three", "--deadline", "8"]).settings()
        #expect(settings.transfer.registry.mirrors == ["three"])
        #expect(settings.transfer.transfer.transport.proxy == .url("http://p:1", except: "a"))
        #expect(settings.transfer.transfer.retry.attempts == 8)
        #expect(settings.transfer.transfer.deadline == 8000)
    }

    @Test func aRateIsRefusedWhereAnotherProgramMovesTheBytes() throws {
        let filler: [(name: String, value: String?)] = [("filler", "/run/filler")]
        let error = #expect(throws: UsageError.self) {
            try ImageOptions.parse(["--fetch-rate", "1M"]).settings(and: filler)
        }
        #expect(error?.description.contains("fetch-rate") == true)
        let unlimited = try ImageOptions.parse(["--fetch-rate", "0"]).settings(and: filler)
        #expect(unlimited.transfer.transfer.rate == nil)
    }

    @Test(
        arguments: [
            ["--ca-file", "/nonexistent/file"], ["--credentials-file", "/dev/null"], ["--deadline", "soon"],
            ["--deadline", "0"], ["--deadline", "25h"], ["--requests-per-host", "0"], ["--no-proxy", "a"],
            ["--proxy", "http://user:secret@proxy"], ["--remote", "https://alice:secret@host/x"],
            ["--remote", "oci://alice:secret@host/x"], ["--remote", "s3://alice:secret@bucket"],
        ])
    func valuesThatCannotBeAreRefusedWithoutTellingSecrets(arguments: [String]) throws {
        let options = try ImageOptions.parse(arguments)
        let error = #expect(throws: UsageError.self) { try options.settings() }
        #expect(error?.description.contains(arguments[0].dropFirst(2)) == true)
        #expect(error?.description.contains("secret") == false)
    }
}
