// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc

/// A directory tree with something of everything, the same each time, to make images of.
///
/// Needs root.
package struct SourceTree {
    package let path: String

    /// Makes the tree in a new directory.
    ///
    /// - Parameters:
    ///   - files: how many small files to spread over a hundred directories, besides those for each kind of thing.
    ///   - entries: how many entries one large directory has.
    package init(at path: String, files: Int, entries: Int = 10_000) throws {
        self.path = path
        try directory("")
        try manyFiles(files)
        try bigDirectory(entries)
        try sizes()
        try names()
        try links()
        try nodes()
        try attributes()
        try times()
    }

    /// Bytes that do not compress and depend only on the seed (xorshift).
    package static func noise(_ count: Int, seed: UInt64) -> [UInt8] {
        var state = seed &* 2_862_933_555_777_941_757 &+ 3_037_000_493
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count + 8)
        while bytes.count < count {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            withUnsafeBytes(of: state.littleEndian) { bytes.append(contentsOf: $0) }
        }
        return Array(bytes.prefix(count))
    }

    /// Bytes that compress, as text does.
    package static func text(_ count: Int, seed: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var line = seed
        while bytes.count < count {
            bytes += "\(line): all work and \(line &* line % 997) plays make line \(seed).\n".utf8
            line += 1
        }
        return Array(bytes.prefix(count))
    }

    private func manyFiles(_ count: Int) throws {
        for folder in 0..<100 { try directory("many-\(folder)") }
        for number in 0..<count {
            try file("many-\(number % 100)/file-\(number)", SourceTree.text(number % 1700, seed: number))
        }
    }

    private func bigDirectory(_ count: Int) throws {
        try directory("ten-thousand")
        for number in 0..<count {
            let name = "ten-thousand/\(number * 7919 % count)-" + String(repeating: "x", count: number % 40)
            try file(name, number % 100 == 0 ? SourceTree.text(200, seed: number) : [])
        }
    }

    private func sizes() throws {
        try directory("sizes")
        for edge in [512, 1024, 4096, 8192, 65_536, 131_072, 262_144] {
            for size in [edge - 1, edge, edge + 1] {
                try file("sizes/\(size)", SourceTree.noise(size, seed: UInt64(size)))
            }
        }
        try file("sizes/one", [7])
        try file("sizes/four-mebibytes", SourceTree.noise(4 << 20, seed: 4))
        try file("sizes/zeroes", [UInt8](repeating: 0, count: 1 << 20))
        try file("sizes/sparse", [])
        let sparse = open("\(path)/sizes/sparse", O_WRONLY)
        defer { close(sparse) }
        for offset in [0, 300_000, 2_999_990] { pwrite(sparse, "island", 6, offset) }
        ftruncate(sparse, 5_000_001)
    }

    private func names() throws {
        try directory("names")
        let odd = [
            "a b", "tab\t", "new\nline", "back\\slash", "-dash", ".hidden", "...", "quote'\"", "\u{e9}", "e\u{301}",
            "漢字", "🦀",
        ]
        for name in odd { try file("names/\(name)", Array(name.utf8)) }
        try file("names/" + String(repeating: "n", count: 254), SourceTree.text(5000, seed: 1))
        var deep = "names"
        for level in 1...30 {
            deep += "/level-\(level)-of-a-deep-path"
            try directory(deep)
        }
        try file(deep + "/bottom", SourceTree.text(4200, seed: 3))
    }

    private func links() throws {
        try directory("links")
        for length in [1, 59, 60, 1023, 4000, 4095] {
            try check(symlink(String(repeating: "t", count: length), "\(path)/links/of-\(length)"), "symlink")
        }
        try check(symlink("../sizes/4096", "\(path)/links/good"), "symlink")
        try file("links/hard-0", SourceTree.noise(70_000, seed: 9))
        for number in 1...40 { try check(link("\(path)/links/hard-0", "\(path)/links/hard-\(number)"), "link") }
    }

    private func nodes() throws {
        try directory("nodes")
        try check(mkfifo("\(path)/nodes/fifo", 0o640), "mkfifo")
        try check(mknod("\(path)/nodes/null", S_IFCHR | 0o666, device(1, 3)), "mknod")
        try check(mknod("\(path)/nodes/big", S_IFBLK | 0o600, device(259, 1_048_575)), "mknod")
        try check(mknod("\(path)/nodes/whiteout", S_IFCHR, device(0, 0)), "mknod")
        try check(mknod("\(path)/nodes/socket", S_IFSOCK | 0o755, 0), "mknod")
        for (name, mode) in [("setuid", 0o4755), ("setgid", 0o2755), ("sticky", 0o1777), ("none", 0)]
            as [(String, mode_t)]
        {
            try file("nodes/\(name)", [1])
            try check(chown("\(path)/nodes/\(name)", 65_536 + mode, 4_000_000_000), "chown")
            try check(chmod("\(path)/nodes/\(name)", mode), "chmod")
        }
    }

    private func attributes() throws {
        try directory("attributes")
        for number in 0..<5 {
            try file("attributes/shared-\(number)", [])
            try attribute("user.shared", SourceTree.text(1500, seed: 5), "attributes/shared-\(number)")
            try attribute("user.own", SourceTree.text(700, seed: number), "attributes/shared-\(number)")
        }
        try file("attributes/many", SourceTree.text(6000, seed: 2))
        for number in 0..<40 { try attribute("user.number-\(number)", Array("\(number)".utf8), "attributes/many") }
        try file("attributes/odd", [])
        try attribute("user.empty", [], "attributes/odd")
        try attribute("user.binary", [0, 255, 10, 0], "attributes/odd")
        try attribute("user." + String(repeating: "l", count: 250), [1], "attributes/odd")
        try attribute("trusted.overlay.opaque", [UInt8(ascii: "y")], "attributes")
        try attribute("trusted.link", [1], "links/good")
        try directory("attributes/acl")
        try runToSuccess(["setfacl", "-m", "d:u:1234:rwx,u:7:x,g:55:r", "\(path)/attributes/acl"])
        try runToSuccess(["setfacl", "-m", "u:1234:rwx", "\(path)/attributes/many"])
    }

    /// Sets every modification time, because those of files just made would differ each time.
    private func times() throws {
        let stamp = "@1700000000.123456789"
        try runToSuccess(["find", path, "-exec", "touch", "-h", "-d", stamp, "{}", "+"], within: 300)
        let odd = ["0", "1", "1234567890.123456789", "1699999999.999999999"]
        for (second, size) in zip(odd, [511, 512, 513, 1023]) {
            try runToSuccess(["touch", "-d", "@\(second)", "\(path)/sizes/\(size)"])
        }
        try runToSuccess([
            "touch", "-h", "-d", "@1500000000.5", "\(path)/links/good", "\(path)/nodes/fifo", "\(path)/names",
        ])
    }

    private func directory(_ name: String) throws { try check(mkdir("\(path)/\(name)", 0o755), "mkdir \(name)") }

    private func file(_ name: String, _ content: [UInt8]) throws { try write(content, to: "\(path)/\(name)") }

    private func device(_ major: UInt32, _ minor: UInt32) -> dev_t { dev_t(clinux_makedev(major, minor)) }

    private func attribute(_ name: String, _ value: [UInt8], _ file: String) throws {
        try check(clinux_lsetxattr("\(path)/\(file)", name, value, value.count, 0), "lsetxattr \(name)")
    }

    private func check(_ result: Int32, _ call: String) throws {
        guard result == 0 else { throw TestFailure("\(path): \(call): errno \(errno)") }
    }
}
