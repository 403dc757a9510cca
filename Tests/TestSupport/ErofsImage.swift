// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// An image made by mkfs.erofs, with the blobs it refers to.
package struct ErofsImage: Sendable {
    package let path: String
    /// The files of the device slots, in slot order.
    package let blobs: [String]

    package init(path: String, blobs: [String] = []) {
        self.path = path
        self.blobs = blobs
    }

    /// The program's options that attach the blobs as they are, without a cache.
    package var deviceOptions: [String] { blobs.flatMap { ["--device", $0] } }

    /// Makes an image of a tree; what the image holds depends on nothing but the tree and the options.
    ///
    /// - Parameters:
    ///   - name: the image becomes `name.erofs`.
    ///   - blob: when true, the data goes to one extra device, `name.blob`; `options` then has to give a chunk size.
    package static func make(
        _ name: String, from tree: String, in directory: TemporaryDirectory, options: [String] = [], blob: Bool = false
    ) throws -> ErofsImage {
        let image = directory.path("\(name).erofs")
        let data = directory.path("\(name).blob")
        let uuid = "c1b9d5a2-f162-11cf-9ece-0020afc76f16"
        let device = blob ? ["--blobdev=\(data)"] : []
        try runToSuccess(["mkfs.erofs", "--quiet", "-U", uuid] + device + options + [image, tree], within: 300)
        try runToSuccess(["chmod", "a+r", image] + (blob ? [data] : []))
        return ErofsImage(path: image, blobs: blob ? [data] : [])
    }

    /// Deals the single blob's chunks out to several blobs, `name.blob1` and so on.
    ///
    /// mkfs.erofs before 1.7 makes one device at most; examples/split-blob.py does this for it.
    package func split(into count: Int, in directory: TemporaryDirectory, name: String) throws -> ErofsImage {
        guard let blob = blobs.first else { throw TestFailure("\(path) has no blob to split") }
        let parts = (1...count).map { directory.path("\(name).blob\($0)") }
        let image = directory.path("\(name).erofs")
        let script = "\(PackageFiles.root)/examples/split-blob.py"
        try runToSuccess(["python3", script, path, blob, image] + parts, within: 300)
        return ErofsImage(path: image, blobs: parts)
    }
}
