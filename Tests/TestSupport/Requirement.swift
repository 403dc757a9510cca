// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
package import Testing

/// Something of the machine that a test cannot do without.
package enum Requirement: Sendable {
    /// The caller is root: kernel mounts, device nodes and other users need it.
    case root
    /// /dev/fuse opens for reading and writing.
    case fuse
    /// A program is in PATH.
    case tool(String)
    /// The running kernel is this version or a later one.
    case linux(Int, Int)
    /// The running kernel has a file system.
    case fileSystem(String)
    /// The kernel can serve FUSE requests through io_uring, once the administrator lets it.
    case fuseRings

    /// Why the requirement is not met; nil when it is.
    package var lack: String? {
        switch self {
        case .root: getuid() == 0 ? nil : "not root"
        case .fuse: access("/dev/fuse", R_OK | W_OK) == 0 ? nil : "/dev/fuse cannot be opened"
        case .tool(let name): Requirement.isInPath(name) ? nil : "no program \(name): run examples/install-missing.sh"
        case .linux(let major, let minor):
            Requirement.kernel >= (major, minor) ? nil : "the kernel is older than \(major).\(minor)"
        case .fuseRings: access(FuseRings.setting, W_OK) == 0 ? nil : "\(FuseRings.setting) cannot be changed"
        case .fileSystem(let name): Requirement.kernelKnows(name) ? nil : "the kernel has no file system \(name)"
        }
    }

    private static func isInPath(_ name: String) -> Bool {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        return path.split(separator: ":").contains { access("\($0)/\(name)", X_OK) == 0 }
    }

    private static var kernel: (Int, Int) {
        let release = (try? String(decoding: bytes(ofFile: "/proc/sys/kernel/osrelease"), as: UTF8.self)) ?? ""
        let numbers = release.split { !$0.isNumber }.compactMap { Int($0) }
        return numbers.count < 2 ? (0, 0) : (numbers[0], numbers[1])
    }

    private static func kernelKnows(_ name: String) -> Bool {
        let known = (try? String(decoding: bytes(ofFile: "/proc/filesystems"), as: UTF8.self)) ?? ""
        return known.split(separator: "\n").contains { $0.split(separator: "\t").last.map(String.init) == name }
    }
}

extension Trait where Self == ConditionTrait {
    /// Skips a test, saying why, where the machine lacks something.
    ///
    /// With CI=true nothing is skipped: there the test runs and fails on what is lacking.
    package static func requires(_ requirements: Requirement...) -> Self {
        let lacks = requirements.compactMap(\.lack)
        let mustRun = getenv("CI").map { String(cString: $0) } == "true"
        return .enabled(if: mustRun || lacks.isEmpty, Comment(rawValue: lacks.joined(separator: "; ")))
    }
}
