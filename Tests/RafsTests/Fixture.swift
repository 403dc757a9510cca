// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import EROFS
import Glibc
import TestSupport

@testable import Rafs

/// One image of the Fixtures folder with every blob there is.
struct Fixture: Sendable {
    /// Every image, and those of them whose blobs have units.
    static let names = [
        "zstd", "lz4", "none", "gzip", "batch", "encrypted", "encbatch", "inline", "layered", "chunkdict", "zran",
        "tarfs",
    ]
    private static let folder = PackageFiles.root + "/Tests/RafsTests/Fixtures"

    let name: String
    var bootstrap: [UInt8]
    /// The expected cookies, in the order of the device slots.
    let cookies: [Cookie]

    struct Cookie: Sendable {
        let blob: String
        let size: UInt64
        let digest: String
    }

    init(_ name: String) throws {
        self.name = name
        bootstrap = try bytes(ofFile: "\(Self.folder)/\(name)/image.boot")
        let list = String(decoding: try bytes(ofFile: "\(Self.folder)/\(name)/cookies.txt"), as: UTF8.self)
        cookies = try list.split(separator: "\n").map { line in
            let words = line.split(separator: " ").map(String.init)
            guard words.count == 3, let size = UInt64(words[1]) else { throw TestFailure("bad line \(line)") }
            return Cookie(blob: words[0], size: size, digest: words[2])
        }
    }

    func file(_ file: String) throws -> [UInt8] { try bytes(ofFile: "\(Self.folder)/\(name)/\(file)") }

    func image() throws -> RafsImage { try RafsImage(.copying(bootstrap)) }

    /// The name that the image does not know of its own blob.
    var ownBlob: String? { name == "inline" ? cookies[0].blob : nil }

    /// Every blob of every fixture, by its name.
    static let blobs: [String: [UInt8]] = {
        var blobs: [String: [UInt8]] = [:]
        for name in names {
            guard let directory = opendir("\(folder)/\(name)") else { continue }
            defer { closedir(directory) }
            while let entry = readdir(directory) {
                let file = withUnsafePointer(to: &entry.pointee.d_name) { field in
                    field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if file.utf8.count == 64 { blobs[file] = try? bytes(ofFile: "\(folder)/\(name)/\(file)") }
            }
        }
        return blobs
    }()
}

/// A SHA-256 as text.
func sha256(_ bytes: [UInt8]) -> String { bytes.withUnsafeBytes { Digest(.sha256, of: $0).hex } }
