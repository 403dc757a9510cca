// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Glibc
import ImageReader
import Primitives

/// `check`: walks a whole image and verifies all of it.
struct CheckCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Reads everything in an image and lists what is damaged; exit code 1 if any.")

    @Argument(help: "The image: a file or an address.")
    var image: String

    @OptionGroup var options: ImageOptions

    @Flag(help: "For other programs.")
    var json = false

    /// What `--json` prints.
    struct Summary: Encodable {
        var image: String
        var inodes: UInt64
        var bytes: UInt64
        var damage: [String]
    }

    func run() throws {
        let settings = try options.settings()
        let assembly = try ImageAssembly(image, settings) { ErrorLine.tell($0) }
        let damage = Locked<[String]>([])
        let isQuiet = json
        let check = ImageCheck(assembly.reader) { finding in
            damage.withLock { $0.append(finding.description) }
            if !isQuiet { StandardOutput.write("\(finding.description.printable)\n") }
        }
        let bar = ProgressLine(isShown: !json && isatty(2) == 1) {
            let progress = check.progress
            return "\(progress.inodes) inodes, \(ByteSize(bytes: progress.bytes)), \(progress.findings) damaged"
        }
        check.run(threads: Processors.online - 1)
        bar.stop()
        let progress = check.progress
        let found = damage.withLock { $0.sorted() }
        if json {
            StandardOutput.write(
                JSON.text(Summary(image: image, inodes: progress.inodes, bytes: progress.bytes, damage: found)))
        } else {
            let verdict = found.isEmpty ? "no damage" : "\(found.count) damaged"
            StandardOutput.write(
                "\(image): \(progress.inodes) inodes, \(ByteSize(bytes: progress.bytes)): \(verdict)\n")
        }
        if !found.isEmpty { throw Failure(code: 1) }
    }
}
