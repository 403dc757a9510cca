// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The variables of the environment.
enum Environment {
    /// All of them.
    static var all: [String: String] {
        var result: [String: String] = [:]
        for entry in CommandLine.environment {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            if parts.count == 2 { result[String(parts[0])] = String(parts[1]) }
        }
        return result
    }

    /// The value of one, nil when it is not set or empty.
    static func value(_ name: String) -> String? {
        guard let text = getenv(name).map({ String(cString: $0) }), !text.isEmpty else { return nil }
        return text
    }

    /// Where the cache lies, unless an option says.
    static func cacheDirectory(unless option: String?) throws(AssemblyError) -> String {
        if let option { return option }
        if let base = value("XDG_CACHE_HOME") { return base + "/swift-erofs-fuse" }
        guard let home = value("HOME") else { throw .noCacheDirectory }
        return home + "/.cache/swift-erofs-fuse"
    }
}

extension CommandLine {
    /// The entries of the environment, `NAME=value`.
    fileprivate static var environment: [String] {
        var result: [String] = []
        var entry = environ
        while let text = entry.pointee {
            result.append(String(cString: text))
            entry += 1
        }
        return result
    }
}
