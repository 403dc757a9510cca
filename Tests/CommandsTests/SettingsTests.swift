// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlobFetch
import FUSE
import Fscache
import ImageMount
import TestSupport
import Testing

@testable import Commands

@Suite struct SettingsTests {
    @Test(
        arguments: [
            ("0", 0), ("4096", 4096), ("16K", 16384), ("2MiB", 2 << 20), ("1g", 1 << 30), ("3B", 3),
        ] as [(String, UInt64)])
    func sizesAreRead(text: String, bytes: UInt64) {
        #expect(ByteSize(text)?.bytes == bytes)
    }

    @Test(arguments: ["", "K", "-1", "1.5M", "9999999999999T", "1X", "0x10"])
    func otherTextsAreNoSizes(text: String) {
        #expect(ByteSize(text) == nil)
    }

    @Test(
        arguments: [(512, "512 B"), (16 << 10, "16.0 KiB"), (5_872_025, "5.6 MiB"), (3 << 30, "3.0 GiB")]
            as [(UInt64, String)])
    func sizesAreWrittenForPeople(bytes: UInt64, text: String) {
        #expect(ByteSize(bytes: bytes).description == text)
    }

    @Test func optionListsKeepEscapedCommas() {
        let list = OptionList("ro,,fsname=a\\,b,remote=http://x/?y=z")
        #expect(list.options.map(\.name) == ["ro", "fsname", "remote"])
        #expect(list.options.map(\.value) == [nil, "a,b", "http://x/?y=z"])
    }

    @Test func eachSettingIsTaken() throws {
        var settings = ImageSettings()
        let pairs: [(String, String?)] = [
            ("device", "a"), ("device", "b"), ("remote", "/r"), ("cache-dir", "/c"), ("fsid", "f"), ("domain_id", "d"),
            ("offline", nil), ("offset", "1M"), ("fetch-window", "64K"), ("read-ahead", "0"), ("decoded-cache", "1M"),
            ("workers", "2"), ("serving-threads", "3"), ("fsync", "every"), ("no_readdirplus", nil), ("no_idmap", nil),
            ("no_io_uring", nil), ("no_splice", nil), ("no_follow", nil),
            ("allow_other", nil),
            ("rw", nil),
            ("digests", "/l"), ("root-digest", String(repeating: "0a", count: 32)),
            ("bootstrap-digest", "blake3:" + String(repeating: "0b", count: 32)),
        ]
        for (name, value) in pairs { #expect(try settings.take(name, value), "\(name)") }
        #expect(settings.devices == ["a", "b"])
        #expect(settings.domainID == "d")
        #expect(settings.offset == 1 << 20)
        #expect(settings.fetch.window == 64 << 10)
        #expect(settings.fetch.isOffline)
        #expect(settings.servingThreads == 3)
        #expect(settings.sync == SyncPolicy.every)
        #expect(settings.digests == "/l")
        #expect(settings.rootDigests == [String(repeating: "0a", count: 32)])
        #expect(settings.bootstrapDigest.map { "\($0)" } == "blake3:" + String(repeating: "0b", count: 32))
        #expect(!settings.switches.readdirplus)
        #expect(!settings.switches.ioUring)
        #expect(!settings.switches.splice)
        #expect(!settings.switches.following)
        #expect(settings.mountOptions.allowsOthers)
        #expect(try !settings.take("no-such-option", "1"))
    }

    @Test(
        arguments: [
            ("fsync", "sometimes"), ("offline", "maybe"), ("fetch-window", "5000"), ("fetch-window", "1"),
            ("workers", "0"), ("serving-threads", "0"),
            ("root-digest", "0A"), ("bootstrap-digest", "md5:00"), ("offset", "x"), ("device", ""), ("fsid", nil),
        ] as [(String, String?)])
    func wrongValuesAreErrors(name: String, value: String?) {
        var settings = ImageSettings()
        #expect(throws: UsageError.self) { _ = try settings.take(name, value) }
    }

    @Test func mountEightsOwnWayOfCallingIsUnderstood() throws {
        #expect(try SwiftErofsFuse.withSubcommand(["./i", "/m", "-o", "ro"]) == ["mount", "./i", "/m", "-o", "ro"])
        #expect(try SwiftErofsFuse.withSubcommand(["status", "/m"]) == ["status", "/m"])
        #expect(try SwiftErofsFuse.withSubcommand(["--version"]) == ["--version"])
    }

    @Test func ownersAreTakenFromEveryPlace() throws {
        var settings = ImageSettings()
        for (name, value) in [("uid-map", "0:1000:1"), ("uid-map", "1:100000:9"), ("gid-map", "0:5:1")] {
            #expect(try settings.take(name, value))
        }
        #expect(settings.owners.user(1) == 100_000)
        #expect(settings.owners.group(0) == 5)
        #expect(throws: UsageError.self) { _ = try settings.take("uid-map", "0:3:1") }
        #expect(throws: UsageError.self) { _ = try settings.take("gid-map", "0:3") }
        #expect(throws: UsageError.self) { _ = try settings.take("squash-to-root", "perhaps") }
        try settings.checkOwners()
        #expect(try settings.take("squash-to-root", nil))
        #expect(throws: UsageError.self) { try settings.checkOwners() }
    }

    @Test func limitsOfTheCacheAreThoseOfTheKernel() throws {
        var settings = ImageSettings()
        for (name, value) in [("max-bytes", "64M"), ("brun", "10%"), ("pin", nil)] as [(String, String?)] {
            #expect(try settings.take(name, value))
        }
        #expect(settings.cache.limits.maxBytes == 64 << 20)
        #expect(settings.cache.limits.blocks == FreeShares(run: 10, cull: 5, stop: 1))
        #expect(settings.cache.limits.files == nil)
        #expect(settings.cache.pins)
        try settings.checkCache()
        #expect(try settings.take("bcull", "10"))
        #expect(throws: UsageError.self) { try settings.checkCache() }
        #expect(throws: UsageError.self) { _ = try settings.take("fstop", "100%") }
        #expect(throws: UsageError.self) { _ = try settings.take("max-bytes", "1000") }
    }

    @Test func mapsOnTheCommandLineReplaceTheFiles() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path("c.toml")
        try write("uid-map = [\"0:1:1\", \"5:6:1\"]\ngid-map = \"0:1:1\"\n", to: file)
        let fromFile = try MountCommand.parse(["--config", file, "image", "/mnt"])
        let read = try fromFile.options.settings(and: fromFile.owners.flags)
        #expect(read.owners.user(5) == 6)
        #expect(read.owners.group(0) == 1)
        let given = try MountCommand.parse([
            "--config", file, "--uid-map", "0:9:1", "-o", "gid-map=0:8:1", "image", "/mnt",
        ])
        let won = try given.options.settings(and: given.owners.flags)
        #expect(won.owners.user(0) == 9)
        #expect(won.owners.user(5) == IDRanges.overflow)
        #expect(won.owners.group(0) == 8)
    }
}
