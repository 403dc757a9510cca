// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Synchronization

/// The processors of this machine, and which of them the threads of this process run on.
package enum Processors {
    /// How many the machine can have; 0 when the kernel does not tell.
    package static let possible = count(in: "/sys/devices/system/cpu/possible")

    /// How many are in use; at least 1.
    package static var online: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }

    /// Those that this process may run on, by their numbers; found out once, before any of its threads is kept to some.
    package static let usable: [Int32] = (0..<Int32(possible)).filter { clinux_may_run_on($0) != 0 }

    private static let isAnyThreadKept = Atomic<Bool>(false)

    /// Keeps the calling thread to some processors.
    ///
    /// - Returns: False when the kernel does not allow it: then the thread runs where it did.
    @discardableResult
    package static func keepThread(to processors: [Int32]) -> Bool {
        guard !usable.isEmpty, !processors.isEmpty else { return false }
        isAnyThreadKept.store(true, ordering: .relaxed)
        return clinux_run_on(processors, Int32(processors.count)) == 0
    }

    /// Lets a new thread run anywhere: it began where that was kept to which has made it.
    static func releaseNewThread() {
        if isAnyThreadKept.load(ordering: .relaxed) { keepThread(to: usable) }
    }

    /// How many processors a list like `0-3,8-11` names; 0 when there is none, or nothing that is a list.
    package static func count(in path: String) -> Int {
        guard let file = fopen(path, "re") else { return 0 }
        defer { fclose(file) }
        var text = [UInt8](repeating: 0, count: 4096)
        let count = fread(&text, 1, text.count, file)
        guard count < text.count else { return 0 }
        var sum = 0
        for range in String(decoding: text[..<count], as: UTF8.self).split(whereSeparator: { $0 == "," || $0 == "\n" })
        {
            let ends = range.split(separator: "-", maxSplits: 1).map { Int($0) }
            guard let first = ends.first ?? nil, let last = ends.last ?? nil, first >= 0, first <= last, last < 1 << 16
            else { return 0 }
            sum += last - first + 1
        }
        return sum
    }
}
