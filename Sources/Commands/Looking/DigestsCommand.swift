// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlobFetch
import Digests
import Glibc
import Primitives

/// `digests`: writes the list with which the units of a blob are checked when they are fetched.
struct DigestsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "digests",
        abstract: "Writes a list of the digests of a blob's units, and prints the list's root digest.")

    @Argument(help: "The blob: a file.")
    var blob: String

    @Option(help: "Bytes of a unit: a multiple of 4096, up to 16M.")
    var unit = "64K"

    @Option(help: "sha256 or blake3.")
    var algorithm = "sha256"

    @Option(help: "The blob's name at the remotes (default: the file's name).")
    var name: String?

    @Option(name: .shortAndLong, help: "The list to write; NAME.digests is what a directory of lists wants.")
    var output: String

    @Flag(help: "Prints JSON.")
    var json = false

    /// What is printed of a list.
    private struct Report: Encodable {
        let blob: String
        let bytes: UInt64
        let unit: UInt64
        let units: Int
        let rootDigest: String
    }

    func run() throws {
        guard let kind = Digest.Algorithm(rawValue: algorithm) else {
            throw UsageError.badValue("algorithm", text: algorithm, wanted: "sha256 or blake3")
        }
        guard let size = ByteSize(unit)?.bytes, DigestList.units.contains(size), size % 4096 == 0 else {
            throw UsageError.badValue("unit", text: unit, wanted: "a multiple of 4096 up to 16M")
        }
        let file = try Descriptor.open(blob, O_RDONLY)
        let bytes = try file.size()
        let name = name ?? blob.split(separator: "/").last.map(String.init) ?? blob
        guard var text = DigestList.header(blobName: name, size: bytes, unit: size, algorithm: kind) else {
            throw UsageError.badValue("name", text: name, wanted: "at most 65535 bytes")
        }
        try append(file, bytes, Int(size), kind, to: &text)
        let list = try DigestList(text)
        try ReplacedFile.write(text, to: output)
        let units = Int(bytes / size) + (bytes % size == 0 ? 0 : 1)
        let report = Report(blob: name, bytes: bytes, unit: size, units: units, rootDigest: list.root.description)
        StandardOutput.write(json ? JSON.text(report) : report.rootDigest + "\n")
    }

    /// Appends the digest of each unit of the file to `text`.
    private func append(
        _ file: Descriptor, _ size: UInt64, _ unit: Int, _ kind: Digest.Algorithm, to text: inout [UInt8]
    ) throws {
        try file.forEachPiece(of: unit, upTo: size, path: blob) { piece in
            text += Digest(kind, of: piece).bytes
            return true
        }
    }
}
