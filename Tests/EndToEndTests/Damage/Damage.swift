// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport
import Testing

/// One way to damage an image, and what has to be seen of it: a row of Fixtures/damages.txt.
struct Damage: Sendable, CustomTestStringConvertible {
    let name: String
    /// The fixture, without its ending; with `+device` its blob is given twice.
    private let fixture: String
    private let changes: [String]
    /// What meets the damage.
    let probe: DamageProbe
    /// What the probe has to answer: an errno's name, or `ok`.
    let answer: String
    /// What `check` has to say.
    let words: String

    var testDescription: String { name }

    /// A row: name, fixture, changes, probe, answer and words between bars.
    init(_ row: Substring) throws {
        let columns = row.components(separatedBy: " | ")
        guard columns.count == 6 else { throw TestFailure("not six columns: \(row)") }
        (name, fixture, answer, words) = (columns[0], columns[1], columns[4], columns[5])
        changes = columns[2].split(separator: " ").map(String.init)
        probe = DamageProbe(columns[3])
    }

    /// Whether Linux hangs when it reads this image: 6.18 does at a damaged packed inode.
    var hangsLinux: Bool { fixture == "lz4-fragments" }

    /// The blobs of the image, in slot order.
    var blobs: [String] {
        guard fixture.hasPrefix("device") else { return [] }
        return [String](repeating: "\(Damage.folder)/device.blob", count: fixture == "device" ? 1 : 2)
    }

    /// Writes the damaged image.
    func write(to path: String) throws {
        let file = fixture.split(separator: "+")[0]
        var image = DamagedImage(try bytes(ofFile: "\(Damage.folder)/\(file).erofs"))
        for change in changes where change != "keep-checksum" { try image.apply(change) }
        if !changes.contains("keep-checksum") { image.repairChecksum() }
        try TestSupport.write(image.bytes, to: path)
    }

    private static let folder = "\(PackageFiles.root)/Tests/EROFSTests/Fixtures"

    /// All rows of the table.
    static func all() throws -> [Damage] {
        let text = try bytes(ofFile: "\(PackageFiles.root)/Tests/EndToEndTests/Fixtures/damages.txt")
        return try String(decoding: text, as: UTF8.self).split(separator: "\n")
            .filter { !$0.hasPrefix("#") }.map { try Damage($0) }
    }
}

extension Substring {
    /// The parts between a separator, spaces around them removed.
    fileprivate func components(separatedBy separator: String) -> [String] {
        var parts: [String] = [""]
        var rest = self
        while let next = rest.first {
            if rest.hasPrefix(separator) {
                parts.append("")
                rest = rest.dropFirst(separator.count)
            } else {
                parts[parts.count - 1].append(next)
                rest = rest.dropFirst()
            }
        }
        return parts
    }
}
