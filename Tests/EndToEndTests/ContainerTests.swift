// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// The scripts in examples/containers, with the program under test.
    @Suite(
        .serialized,
        .requires(.root, .fuse, .tool("bwrap"), .tool("docker-registry"), .tool("curl"), .tool("python3"), .tool("ldd"))
    )
    struct ContainerTests {
        /// Runs a script; nil where this machine allows no containers.
        private func example(_ name: String) throws -> String? {
            guard try run(["bwrap", "--ro-bind", "/", "/", "--unshare-all", "true"]).status == 0 else {
                print("skipped: this machine allows no containers")
                return nil
            }
            let script = "\(PackageFiles.root)/examples/containers/\(name).sh"
            var environment = MountedImage.environment
            environment["SWIFT_EROFS_FUSE"] = try PackageFiles.program()
            let outcome = try run(["bash", script], environment: environment, within: 300)
            #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
            return outcome.output
        }

        /// The numbers behind "fetched".
        private func fetched(_ output: String) -> [Int] {
            output.split(separator: "\n").filter { $0.hasPrefix("fetched ") }
                .compactMap { line in Int(line.dropFirst(8).prefix { $0.isNumber }) }
        }

        @Test func theSecondStartNeedsNoRegistry() throws {
            guard let output = try example("offline") else { return }
            #expect(output.split(separator: "\n").count { $0 == #"{"answer": 42}"# } == 2, "\(output)")
            #expect(output.contains("Input/output error"), "\(output)")
            let bytes = fetched(output)
            #expect(bytes.count == 2)
            #expect(bytes.last == 0)
        }

        /// An unmodified podman pulls manifests only, and its container runs, whiteouts included.
        @Test(.requires(.tool("podman"), .tool("runc"), .tool("newuidmap"), .tool("useradd")))
        func podmanRunsWhatItHasNotPulled() throws {
            guard let output = try example("layer-store") else { return }
            let lines = output.split(separator: "\n")
            #expect(lines.contains(#"{"answer": 42}"#) && lines.contains("old: old/new"), "\(output)")
            #expect(lines.contains("mounts left: 0"), "\(output)")
            let pull = try #require(lines.first { $0.hasPrefix("pulled in ") })
            let numbers = pull.split { !$0.isNumber }.compactMap { Int($0) }
            try #require(numbers.count == 3)
            #expect(numbers[1] < 64 << 10 && numbers[2] > 1 << 20, "\(pull)")
        }

        @Test func aSharedBaseIsFetchedOnce() throws {
            guard let output = try example("shared-base") else { return }
            #expect(output.contains(#"{"answer": 42}"#) && output.contains(#"{"question": "unknown"}"#), "\(output)")
            let bytes = fetched(output)
            try #require(bytes.count == 2)
            #expect(bytes[0] > 1_000_000 && bytes[1] < bytes[0] / 20, "\(output)")
        }
    }
}
