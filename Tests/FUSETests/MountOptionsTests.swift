// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import FUSE

@Suite struct MountOptionsTests {
    private func takes(_ option: String, _ options: inout MountOptions) -> Bool { options.take(option) }

    @Test func readAheadFitsIntoAPipe() throws {
        let spliced = try #require(KernelReadAhead.Wish.generous.bytes(splices: true))
        #expect(spliced <= ReplyPipe().limit)
        #expect(KernelReadAhead.Wish.generous.bytes(splices: false) == 1 << 20)
        #expect(KernelReadAhead.Wish.bytes(4096).bytes(splices: true) == 4096)
        #expect(KernelReadAhead.Wish.none.bytes(splices: true) == nil)
    }

    @Test func mountsAreReadOnlyWithANameAndAType() {
        let options = MountOptions()
        #expect(options.libraryOptions.contains("ro"))
        #expect(options.libraryOptions.contains("fsname=swift-erofs-fuse"))
    }

    @Test func accessForOthersBringsPermissionChecks() {
        var options = MountOptions()
        #expect(takes("allow_other", &options))
        #expect(options.libraryOptions.contains("default_permissions"))
        #expect(options.allowsOthers)
        #expect(!options.isSafeAsGiven)
        #expect(takes("default_permissions", &options))
        #expect(options.isSafeAsGiven)
    }

    @Test func namesAreEscapedForTheLibrary() {
        var options = MountOptions()
        #expect(takes("fsname=a,b\\c", &options))
        #expect(options.libraryOptions.contains("fsname=a\\,b\\\\c"))
    }

    @Test func unknownOptionsAreRefused() {
        var options = MountOptions()
        #expect(!takes("no_such_option", &options))
        #expect(takes("nofail", &options))
        #expect(takes("x-systemd.automount", &options))
    }

    @Test func switchesTurnCapabilitiesOff() {
        var switches = Switches()
        #expect(Negotiation.wanted(switches).map(\.name).contains("READDIRPLUS"))
        switches.readdirplus = false
        switches.entryCache = false
        #expect(!Negotiation.wanted(switches).map(\.name).contains("READDIRPLUS"))
        #expect(Negotiation.unwanted(switches).map(\.name).contains("READDIRPLUS_AUTO"))
        #expect(switches.validity.seconds == 0)
    }
}
