// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// An image whose data lies in two blobs behind a web server, with a cache directory and a mountpoint of its own.
///
/// Everything belongs to one account, which mounts.
final class LazyImage {
    let directory: TemporaryDirectory
    let account: Account?
    let image: ErofsImage
    let server: NginxServer
    let mountpoint: String
    let cache: String
    /// The folder that is served; holds the blobs.
    let blobs: String

    /// Makes an image of `tree`, cut into chunks of `chunk` bytes.
    ///
    /// - Parameter cache: where the cache lies; nil: in a directory of its own.
    init(of tree: String, chunk: Int = 65_536, cache: String? = nil, as account: Account? = nil) throws {
        directory = try TemporaryDirectory(ownedBy: account)
        self.account = account
        let single = try ErofsImage.make(
            "single", from: tree, in: directory, options: ["--chunksize=\(chunk)"], blob: true)
        blobs = try directory.makeDirectory("www")
        image = try single.split(into: 2, in: directory, name: "www/image")
        self.cache = try cache ?? directory.makeDirectory("cache", ownedBy: account)
        mountpoint = try directory.makeDirectory("mnt", ownedBy: account)
        server = try NginxServer(serving: blobs)
    }

    /// The options that name the blobs: with the server, or with another remote.
    func options(remote: String? = nil, _ more: [String] = []) -> [String] {
        ["--remote", remote ?? "\(server.url)/", "--device", "image.blob1", "--device", "image.blob2"]
            + ["--cache-dir", cache] + more
    }

    func mount(remote: String? = nil, _ more: [String] = []) throws -> MountedImage {
        try MountedImage(image.path, at: mountpoint, options: options(remote: remote, more), as: account)
    }

    /// Reads a part of a file through the mount, in a process of its own.
    func read(_ file: String, offset: Int = 0, count: Int) throws -> Outcome {
        try run(LazyImage.reading("\(mountpoint)/\(file)", offset: offset, count: count), as: account)
    }

    /// Starts reading a part of a file, and does not wait for it.
    func startReading(_ file: String, offset: Int = 0, count: Int) throws -> RunningProcess {
        try RunningProcess(LazyImage.reading("\(mountpoint)/\(file)", offset: offset, count: count), as: account)
    }

    private static func reading(_ path: String, offset: Int, count: Int) -> [String] {
        [
            "dd", "if=\(path)", "bs=4096", "iflag=skip_bytes,count_bytes", "skip=\(offset)", "count=\(count)",
            "status=none",
        ]
    }
}
