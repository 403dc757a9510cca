// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Digests
import Fscache
import Rafs

/// `cache verify`: checks what a cache holds.
struct CacheVerifyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "verify",
        abstract: "Checks maps against holes, whole blobs against the digests that name them, and tables against "
            + "their own; exit code 1 if anything is damaged.")

    @Argument(help: "Volumes to check (default: all).")
    var volumes: [String] = []

    @Flag(help: "Take out what is damaged: it is fetched again. What has a wrong digest is put aside in quarantine/.")
    var repair = false

    @OptionGroup var options: CacheDirectoryOptions

    /// What `--json` prints.
    struct Report: Encodable {
        var cookies: [Finding] = []
        var damaged = 0
        var checkedDigests = 0
        var repaired = 0
    }

    /// What is said of a cookie.
    struct Finding: Encodable {
        var volume: String
        var cookie: String
        var problems: [String]
        var isDamaged: Bool
        /// Whether all of it was compared with its digest.
        var digestChecked: Bool
    }

    func run() throws {
        let catalog = try CacheCatalog(options.directory())
        let traits = FileSystemTraits(of: catalog.directory)
        var report = Report()
        for volume in try catalog.volumes(called: volumes) {
            for object in catalog.objects(of: volume) {
                let finding = try check(object, traits, &report)
                report.damaged += finding.isDamaged ? 1 : 0
                report.checkedDigests += finding.digestChecked ? 1 : 0
                report.cookies.append(finding)
            }
        }
        options.print(report, report.lines)
        guard report.damaged == 0 else { throw Failure(code: 1) }
    }

    private func check(
        _ object: CachedObject, _ traits: FileSystemTraits, _ report: inout Report
    ) throws -> Finding {
        let found = object.findings(tellsHoles: traits.tellsHoles)
        var finding = Finding(
            volume: object.volume, cookie: object.key ?? object.name, problems: found.sentences,
            isDamaged: found.isDamaged, digestChecked: false)
        if !found.isDamaged, let isRight = object.hasItsDigest() {
            finding.digestChecked = true
            if !isRight {
                finding.isDamaged = true
                finding.problems.append("does not have its digest")
            }
        }
        guard repair, finding.isDamaged || !found.isEmpty else { return finding }
        if finding.isDamaged, !found.isDamaged {
            let copy = try object.quarantine()
            finding.problems.append(copy.map { "put aside as \($0)" } ?? "taken out; there was no room for a copy")
        } else {
            try object.repair(tellsHoles: traits.tellsHoles)
        }
        report.repaired += 1
        return finding
    }
}

extension CacheVerifyCommand.Report {
    fileprivate var lines: [String] {
        let found = cookies.flatMap { finding in
            finding.problems.map { "\(finding.volume) \(finding.cookie): \($0)" }
        }
        let verdict = damaged == 0 ? "no damage" : "\(damaged) damaged"
        let mended = repaired > 0 ? ", \(repaired) repaired" : ""
        return found + ["\(cookies.count) cookies, \(checkedDigests) by digest: \(verdict)\(mended)"]
    }
}

extension ObjectFindings {
    fileprivate var sentences: [String] {
        var result: [String] = []
        if hasNoMap { result.append("has no sound map: nothing of it can be read") }
        if hasWrongLength { result.append("is not as long as its map says") }
        if lostBytes > 0 { result.append("\(lostBytes) bytes that the map calls present are holes") }
        if idleBytes > 0 { result.append("\(idleBytes) bytes on disk that are not in the map") }
        return result
    }
}

extension CachedObject {
    /// Whether a whole blob has the digest that names it, and tables the one they were kept with; nil where that cannot be
    /// said.
    fileprivate func hasItsDigest() -> Bool? {
        guard let digest, let content, content.present == content.size else { return nil }
        var stream = DigestStream(digest.algorithm)
        guard forEachPiece({ stream.update($0) }) else { return nil }
        return stream.finish() == digest
    }

    /// The digest of all of it; nil for what has none, such as what the chunks of the blob of that name decode to.
    private var digest: Digest? {
        guard let key, let content else { return nil }
        return content.isBlobItself ? Digest(key) : KeptTables.digest(ofKey: key, validator: content.validator)
    }
}
