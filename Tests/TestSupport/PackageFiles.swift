// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// Where the package's own files are.
package enum PackageFiles {
    /// The folder of Package.swift.
    package static let root: String = {
        var parts = #filePath.split(separator: "/")
        parts.removeLast(3)
        return "/" + parts.joined(separator: "/")
    }()

    /// The built program, in a place where every user may run it.
    ///
    /// SWIFT_EROFS_FUSE_BINARY, when set, names another build. A package folder that other users cannot enter (a home
    /// directory) would keep an unprivileged test from running it, so it is copied once a process.
    package static func program() throws -> String { try home.get().path("swift-erofs-fuse") }

    /// Another program of the package, as it was built with the tests.
    package static func example(_ name: String) -> String { built(name) }

    private static let home: Result<TemporaryDirectory, any Error> = Result {
        let directory = try TemporaryDirectory()
        let source = getenv("SWIFT_EROFS_FUSE_BINARY").map { String(cString: $0) } ?? built("swift-erofs-fuse")
        try runToSuccess(["install", "-m", "755", source, directory.path("swift-erofs-fuse")])
        atexit { PackageFiles.clear() }
        return directory
    }

    /// A static is never deinitialised, so its directory has to be removed by hand.
    private static func clear() {
        if case .success(let directory) = home { _ = try? run(["rm", "-rf", "--", directory.path]) }
    }

    /// Beside the test program itself, else in the default build folder.
    private static func built(_ name: String) -> String {
        var buffer = [CChar](repeating: 0, count: 4096)
        let count = readlink("/proc/self/exe", &buffer, buffer.count - 1)
        let own = String(decoding: buffer.prefix(max(0, count)).map { UInt8(bitPattern: $0) }, as: UTF8.self)
        let beside = own.split(separator: "/").dropLast().reduce("") { "\($0)/\($1)" } + "/" + name
        return access(beside, X_OK) == 0 ? beside : "\(root)/.build/debug/\(name)"
    }
}
