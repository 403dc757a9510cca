// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

@testable import Commands

@Suite struct MistypedWordTests {
    private func outcome(_ arguments: [String]) -> Result<[String], UsageError> {
        Result { () throws(UsageError) in try SwiftErofsFuse.withSubcommand(arguments) }
    }

    @Test(arguments: [
        ("unmount", "umount"), ("mont", "mount"), ("inspct", "inspect"), ("layerstore", "layer-store"),
        ("stat", "status"),
    ])
    func aWordLikeASubcommandBringsAHint(word: String, meant: String) {
        #expect(outcome([word, "/mnt"]) == .failure(.unknownSubcommand(word, nearest: meant)))
        #expect(outcome([word]) == .failure(.unknownSubcommand(word, nearest: meant)))
        #expect("\(UsageError.unknownSubcommand(word, nearest: meant))".hasSuffix("did you mean '\(meant)'?"))
    }

    @Test(arguments: ["frobnicate", "x"]) func anyOtherWordBringsNone(word: String) {
        #expect(outcome([word, "/mnt"]) == .failure(.unknownSubcommand(word, nearest: nil)))
    }

    @Test(arguments: ["unmount.erofs", "./unmount", "oci://host/unmount:1", "Image"])
    func whatIsNoWordIsAnImage(image: String) {
        #expect(outcome([image, "/mnt"]) == .success(["mount", image, "/mnt"]))
    }

    @Test(arguments: [["umount", "/mnt"], ["help", "mount"], ["--version"], []])
    func whatIsUnderstoodStays(arguments: [String]) {
        #expect(outcome(arguments) == .success(arguments))
    }
}
