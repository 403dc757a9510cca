// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Primitives

/// `status`: what a mount holds, has fetched and has served.
struct StatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status", abstract: "What a mount holds in the cache, has fetched and has served.")

    @Argument(help: "The directory that the image is shown at.")
    var mountPoint: String

    @Flag(help: "For other programs.")
    var json = false

    func run() throws {
        let text = try ControlSocket.ask("status", mountPoint: mountPoint)
        guard let report = JSON.value(MountReport.self, from: text) else {
            throw Failure("\(mountPoint): the mount's answer cannot be read; it may be another version's")
        }
        StandardOutput.write(json ? text : report.lines)
    }
}

extension MountReport {
    /// The report for people.
    var lines: String {
        var result = """
            image        \(image)
            mounted at   \(mountPoint), by process \(process)\(isOffline ? ", offline" : "")
            protocol     \(protocolVersion): \(capabilities.joined(separator: " "))
            served       \(ByteSize(bytes: served.bytes)) in \(served.requests.values.reduce(0, +)) requests; \
            \(served.misses) waited for bytes, \(served.handedOver) went to workers, \(served.errors) failed, \
            \(served.waiting) wait now

            """
        if served.passedFiles > 0 {
            result += "passed       \(served.passedFiles) files, which the kernel reads by itself\n"
        }
        if let hitRatio {
            result += "hits         \(decimal(hitRatio * 100, 1)) % of \(served.requests["read"] ?? 0) reads\n"
        }
        if volume != nil {
            let share = served.bytes == 0 ? "" : " (\(decimal(Double(fetchedBytes) / Double(served.bytes), 2)))"
            let packed = movedBytes == fetchedBytes ? "" : ", packed \(ByteSize(bytes: movedBytes))"
            result +=
                "fetched      \(ByteSize(bytes: fetchedBytes)) for \(ByteSize(bytes: served.bytes)) served\(share)"
                + "\(packed)\n"
        }
        if let prefetch {
            result += """
                prefetch     \(ByteSize(bytes: prefetch.doneBytes)) of \(ByteSize(bytes: prefetch.plannedBytes)) in \
                \(prefetch.milliseconds) ms, \(prefetch.failures) failed\(prefetch.isDone ? ", done" : "")

                """
        }
        return result + StatusTables(report: self).lines
    }

    /// A number with a fixed count of digits behind the point.
    private func decimal(_ value: Double, _ digits: Int) -> String {
        let scale = digits == 1 ? 10 : 100
        let scaled = Int((min(value, 1e12) * Double(scale)).rounded())
        return "\(scaled / scale)." + "\(scaled % scale)".atRight(of: digits, filledWith: "0")
    }
}
