// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// The manual page and the completions that are made from the command line.
    @Suite(.serialized, .requires(.tool("python3"), .tool("bash")))
    struct ManualTests {
        @Test func manualAndCompletionsNameEveryCommand() throws {
            let directory = try TemporaryDirectory()
            let script = "\(PackageFiles.root)/Configs/manual/make.sh"
            try runToSuccess(["bash", script, PackageFiles.program(), directory.path("share")])
            let page = try text(directory.path("share/man/man1/swift-erofs-fuse.1"))
            let completions = try [
                "bash-completion/completions/swift-erofs-fuse", "zsh/site-functions/_swift-erofs-fuse",
                "fish/vendor_completions.d/swift-erofs-fuse.fish",
            ].map { try text(directory.path("share/\($0)")) }
            let help = try program(["--help"]).output.split(separator: "\n", omittingEmptySubsequences: false)
                .drop { $0 != "SUBCOMMANDS:" }.prefix { !$0.isEmpty }
            let commands = help.dropFirst().filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }
                .compactMap { $0.split(separator: " ").first.map(String.init) }
            #expect(commands.contains("mount") && commands.contains("doctor"), "\(help)")
            for command in commands {
                let printed = command.split(separator: "-").joined(separator: "\\-")
                #expect(page.contains(".SS \"\\fB\(printed)\\fR"), "\(command)")
                for completion in completions { #expect(completion.contains(command)) }
            }
            #expect(page.contains("\\fB\\-\\-uid\\-map\\fR"))
            #expect(page.contains(".SH \"EXIT STATUS\""))
            try runToSuccess(["bash", "-n", directory.path("share/bash-completion/completions/swift-erofs-fuse")])
        }

        private func text(_ path: String) throws -> String { String(decoding: try bytes(ofFile: path), as: UTF8.self) }
    }
}
