// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// What lies in a cache directory, and how much of the disk all of it takes.
struct CacheSurvey {
    /// Bytes on disk, directories and what is no object included.
    private(set) var bytes: UInt64 = 0
    /// The paths of the objects, in the order of the directories.
    private(set) var objects: [String] = []

    /// Looks at everything below `directory`; what cannot be looked at counts as nothing.
    init(_ directory: String) { add(directory, depth: 0) }

    /// The names in a directory, without `.` and `..`; none when it cannot be read.
    static func names(in path: String) -> [String] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// The keys of the volumes in a cache directory, sorted.
    static func volumes(in directory: String) -> [String] {
        names(in: directory + "/cache").filter { $0.hasPrefix("I") }.map { String($0.dropFirst()) }.sorted()
    }

    /// The paths of the objects of a volume, in no order.
    static func objects(of volume: String, in directory: String) -> [String] {
        let root = "\(directory)/cache/I\(volume)"
        return names(in: root).filter { $0.hasPrefix("@") }.flatMap { fanOut in
            names(in: "\(root)/\(fanOut)").filter(CookieName.isObject).map { "\(root)/\(fanOut)/\($0)" }
        }
    }

    private mutating func add(_ path: String, depth: Int) {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        bytes += UInt64(max(0, status.st_blocks)) * 512
        // Ours has four levels; whatever else somebody put here does not make the way endless.
        guard status.st_mode & S_IFMT == S_IFDIR, depth < 16 else { return }
        let isFanOut = depth == 3 && path.split(separator: "/").last?.utf8.first == UInt8(ascii: "@")
        for name in CacheSurvey.names(in: path) {
            if isFanOut, CookieName.isObject(name) { objects.append(path + "/" + name) }
            add(path + "/" + name, depth: depth + 1)
        }
    }
}
