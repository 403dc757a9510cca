// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

extension EndToEnd {
    /// Images on the servers that people run, with the user's own credentials.
    @Suite(
        .serialized,
        .requires(
            .root, .fuse, .tool("mkfs.erofs"), .tool("docker-registry"), .tool("nginx"), .tool("openssl"),
            .tool("moto_server"), .tool("curl")))
    struct ServerKindTests {
        private let sources: TemporaryDirectory

        init() throws {
            sources = try TemporaryDirectory()
            let folder = try sources.makeDirectory("folder")
            for number in 0..<12 {
                let noise = SourceTree.noise(60_000 + 7001 * number, seed: UInt64(number))
                try write(noise, to: "\(number % 2 == 0 ? folder : sources.path)/file-\(number)")
            }
            try write("", to: sources.path("empty"))
            try write(SourceTree.noise(500_000, seed: 99), to: sources.path("cold"))
        }

        @Test(arguments: ServerKind.allCases)
        func filesAreExactAndCredentialsAreSeenNowhere(kind: ServerKind) throws {
            let served = try ServedImage(of: sources.path, on: kind)
            let own = try TemporaryDirectory()
            let (point, log) = (try own.makeDirectory("mnt"), own.path("log"))
            let patience = kind.isReluctant ? [] : ["--retries", "3"]
            let mounted = try MountedImage(
                served.image, at: point,
                options: served.options + patience + ["--cache-dir", own.path("cache"), "--log-file", log],
                environment: served.environment)
            let program = try PackageFiles.program()
            let watcher = try RunningProcess([program, "trace", point])
            try eventually("the watch is on") { watcher.outputSoFar.hasPrefix("#") }

            let (shown, wanted) = (try sums(of: point, "."), try sums(of: sources.path, "."))
            #expect(shown == wanted, "\(Set(shown).symmetricDifference(wanted).sorted())")
            try served.checkRequests()
            if !kind.isReluctant {
                served.stop()
                #expect(try run(["cat", "\(point)/cold"]).errors.contains("Input/output error"))
            }
            var seen = [String(decoding: try bytes(ofFile: "/proc/\(mounted.server.pid)/cmdline"), as: UTF8.self)]
            for question in [["status"], ["status", "--json"], ["metrics"]] {
                seen.append(try runToSuccess([program] + question + [point]).output)
            }
            let history = try RunningProcess([program, "trace", "--history", "--json", point])
            try eventually("the history is told") { history.outputSoFar.contains("ondemand_cread") }
            let end = try mounted.unmount()
            let trace = try watcher.wait().output
            #expect(trace.contains("ondemand_cread"))
            seen += [end.output, end.errors, trace, try history.wait().output]
            let logged = String(decoding: try bytes(ofFile: log), as: UTF8.self)
            #expect(kind.isReluctant || logged.contains("cannot be reached"))
            for secret in served.secrets {
                for text in seen + [logged] { #expect(!text.contains(secret), "\(secret)") }
            }
        }

        /// The digest of every file below a directory but the one that is to stay cold; read by several at once.
        private func sums(of directory: String, _ name: String) throws -> [String] {
            let script = "cd \"$1\" && find . -type f ! -name cold -print0 | xargs -0 -n 1 -P 8 sha256sum"
            return try runToSuccess(["bash", "-o", "pipefail", "-c", script, "bash", directory]).lines.sorted()
        }
    }
}
