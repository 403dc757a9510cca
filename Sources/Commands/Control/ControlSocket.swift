// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Glibc
import Primitives

/// Where the socket of a mount lies, and how to talk over it.
///
/// A client connects, sends one line, and reads the answer until the end. The directory belongs to the user alone, so
/// whoever can connect may ask.
enum ControlSocket {
    /// The file name of the socket of the mount at `mountPoint`.
    static func name(mountPoint: String) -> String {
        let hash = KeyHash.volume(Array(mountPoint.utf8))
        let readable = mountPoint.utf8.suffix(40).map { byte -> UInt8 in
            let isPlain = UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte
            return isPlain ? byte : UInt8(ascii: "_")
        }
        return String(decoding: readable, as: UTF8.self) + "-" + String(hash, radix: 16) + ".sock"
    }

    /// Where the sockets of a user may lie: the user's runtime directory, and what does where there is none.
    static func directories(of user: uid_t) -> [String] {
        var result = ["/run/user/\(user)/swift-erofs-fuse", "/tmp/swift-erofs-fuse-\(user)"]
        if user == getuid(), let runtime = Environment.value("XDG_RUNTIME_DIR") {
            result.insert(runtime + "/swift-erofs-fuse", at: 0)
        }
        return result
    }

    /// Makes the directory of our own sockets, and gives its path; refuses one that somebody else has put there.
    static func makeDirectory() throws(SystemError) -> String {
        for path in directories(of: getuid()) {
            guard mkdir(path, 0o700) == 0 || errno == EEXIST else { continue }
            var status = stat()
            guard lstat(path, &status) == 0 else { continue }
            if status.st_mode & S_IFMT == S_IFDIR, status.st_uid == getuid(), status.st_mode & 0o077 == 0 {
                return path
            }
        }
        throw SystemError("mkdir", on: directories(of: getuid()).last ?? "", code: EPERM)
    }

    /// Asks the server of a mount, and takes the whole answer.
    ///
    /// - Throws: When there is no such mount, or none of ours, or when it does not answer that question.
    static func ask(_ question: String, mountPoint: String) throws -> String {
        let answer = readAll(try open(question, mountPoint: mountPoint))
        try ControlError.check(answer, from: mountPoint)
        return answer
    }

    /// Asks the server of a mount; its answer can be read from the descriptor, as it comes.
    ///
    /// - Throws: When there is no such mount, or none of ours.
    static func open(_ question: String, mountPoint: String) throws -> Descriptor {
        let connection = try connect(mountPoint: mountPoint)
        StandardOutput.write(question + "\n", to: connection.raw)
        return connection
    }

    /// Connects to the server of a mount.
    ///
    /// Asks the mount itself for nothing: its server may be silent.
    ///
    /// - Throws: When there is no such mount, or none of ours.
    static func connect(mountPoint: String) throws -> Descriptor {
        let real = Glibc.realpath(mountPoint, nil)
        defer { free(real) }
        let place = real.map { String(cString: $0) } ?? mountPoint
        let owner = OwnMounts((try? TextFile.read("/proc/self/mountinfo")) ?? "").owner(of: place)
        for owner in [getuid()] + [owner].compactMap({ $0 }).filter({ $0 != getuid() }) {
            for directory in directories(of: owner) {
                let connection = Descriptor(owning: socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0))
                let path = directory + "/" + name(mountPoint: place)
                guard try UnixSocketAddress.with(path, { Glibc.connect(connection.raw, $0, $1) }) == 0 else { continue }
                return connection
            }
        }
        throw Failure("\(mountPoint): no mount of swift-erofs-fuse answers here")
    }

    /// Everything until the other side closes; at most 16 MiB.
    static func readAll(_ connection: Descriptor) -> String {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while bytes.count < 16 << 20 {
            let count = read(connection.raw, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
