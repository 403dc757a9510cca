// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import RemoteSources
import TestSupport
import Testing

@testable import Commands

/// The configuration files of the package can be used as they are, and what stands in their comments is no invention.
@Suite struct ShippedConfigurationTests {
    private static let names: [String] = {
        let listed = try? runToSuccess(["ls", PackageFiles.root + "/Configs"]).lines
        return (listed ?? []).filter { $0.hasSuffix(".toml") }
    }()

    private func lines(of name: String) throws -> [String] {
        let text = String(decoding: try bytes(ofFile: "\(PackageFiles.root)/Configs/\(name)"), as: UTF8.self)
        return text.split(separator: "\n").map(String.init)
    }

    @Test func thereIsOneForEachKindOfRemote() {
        #expect(
            Set(["directory.toml", "http.toml", "registry.toml", "s3.toml"]).isSubset(
                of: ShippedConfigurationTests.names))
    }

    @Test(arguments: ShippedConfigurationTests.names) func itLoads(name: String) throws {
        var settings = ImageSettings()
        try ConfigurationFile.load("\(PackageFiles.root)/Configs/\(name)", into: &settings)
        #expect(!settings.remotes.isEmpty || !settings.transfer.registry.mirrors.isEmpty)
    }

    /// Files that they name do not exist here; every other complaint is about the line itself.
    @Test(arguments: ShippedConfigurationTests.names) func linesInCommentsAreSettingsToo(name: String) throws {
        let directory = try TemporaryDirectory()
        for line in try lines(of: name) where line.hasPrefix("# ") && line.contains(" = ") {
            let path = directory.path("line.toml")
            try write(Array(line.dropFirst(2).utf8), to: path)
            var settings = ImageSettings()
            do {
                try ConfigurationFile.load(path, into: &settings)
            } catch {
                #expect("\(error)".contains("a file that can be read"), "\(name): \(line): \(error)")
            }
        }
    }
}
