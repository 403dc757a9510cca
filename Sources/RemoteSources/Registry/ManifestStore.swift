// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import Digests
internal import Glibc
internal import Primitives

/// Manifests seen before, in a directory: what an image is mounted with while its registry cannot be asked.
///
/// Failures to write are passed over: the store is of use only when something else fails.
struct ManifestStore {
    private let directory: String

    init(directory: String) { self.directory = directory }

    /// The document last stored under `key`; nil when there is none.
    func document(_ key: String) -> [UInt8]? {
        SmallFile.bytes(of: path(key), limit: UInt64(Manifest.byteLimit))
    }

    /// Stores a document in one step: others see the old one or the new one.
    func store(_ document: [UInt8], _ key: String) {
        mkdir(directory, 0o700)
        try? ReplacedFile.write(document, to: path(key))
    }

    private func path(_ key: String) -> String {
        let name = Array(key.utf8).withUnsafeBytes { Digest(.sha256, of: $0) }
        return "\(directory)/\(name.description.dropFirst("sha256:".count))"
    }
}
