// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A number that the kernel shows in a file of sysfs, and perhaps lets be changed there.
package struct KernelSetting: Sendable {
    private let path: String

    package init(_ path: String) { self.path = path }

    /// The number; nil when there is no such file, or none in it.
    package var number: Int? {
        guard let file = fopen(path, "re") else { return nil }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 32)
        guard fgets(&line, Int32(line.count), file) != nil else { return nil }
        let word = line.lazy.map(UInt8.init(bitPattern:)).prefix { $0 > UInt8(ascii: " ") }
        return Int(String(decoding: word, as: UTF8.self))
    }

    /// Writes the number.
    ///
    /// - Returns: False when this process may not, or the kernel does not want to.
    package func set(_ number: Int) -> Bool {
        guard let file = fopen(path, "we") else { return false }
        let isWritten = fputs("\(number)", file) >= 0
        return fclose(file) == 0 && isWritten
    }
}
