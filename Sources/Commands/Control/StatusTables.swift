// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The tables of `/proc/fs/fscache`, for one mount: the kernel's columns, and behind them what it does not tell.
///
/// Numbers are counted in the mount's process. REF is how often this mount holds the thing, ACC what is under way.
struct StatusTables {
    let report: MountReport

    /// The tables, one below the other; empty when nothing is cached.
    var lines: String {
        guard let volume = report.volume else { return "" }
        return caches + room + volumes(volume) + cookies
    }

    private var caches: String {
        """
        CACHE    REF   VOLS  OBJS  ACCES S NAME
        ======== ===== ===== ===== ===== = ===============
        00000001     1     1 \(right(report.blobs.count, 5)) \(right(accesses, 5)) A \(report.cache?.directory ?? "")

        """
    }

    /// What the cache takes, and the limits that it has.
    private var room: String {
        guard let cache = report.cache else { return "" }
        let taken = ByteSize(bytes: cache.taken)
        var text = "         "
        if let limit = cache.maxBytes {
            text += "\(bar(min(cache.taken, limit), of: limit)) \(taken) of at most \(ByteSize(bytes: limit))"
        } else {
            text += "\(taken) on disk"
        }
        text += ", \(ByteSize(bytes: cache.culled)) taken out\n"
        let limits = { (letter: String) -> String in
            ["run", "cull", "stop"].compactMap { name in
                cache.freeLimits[letter + name].map { " \(letter)\(name) \($0) %" }
            }.joined()
        }
        let free = [("blocks", cache.freeBlocks, limits("b")), ("files", cache.freeFiles, limits("f"))]
            .compactMap { name, free, limits in
                free.map { "\($0) % of \(name)\(limits.isEmpty ? "" : " (\(limits.dropFirst()))")" }
            }
        return free.isEmpty ? text : text + "         free on the disk: \(free.joined(separator: ", "))\n"
    }

    private func volumes(_ volume: String) -> String {
        """
        VOLUME   REF   nCOOK ACC FL CACHE           KEY
        ======== ===== ===== === == =============== ================
        00000001     1 \(right(report.blobs.count, 5)) \(right(accesses, 3)) 00 00000001        \(volume)

        """
    }

    private var cookies: String {
        let head = """
            COOKIE   VOLUME   REF ACT ACC S FL   DEF
            ======== ======== === === === = ==== ================

            """
        return report.blobs.reduce(into: head) { text, blob in
            text += "\(hex(UInt64(blob.number), 8)) 00000001   1   1 \(right(blob.accesses, 3)) \(blob.state) "
            text += "\(hex(UInt64(blob.flags), 4)) \(blob.keyDigits)\n"
            text +=
                "         \(bar(blob.cached, of: blob.size)) \(ByteSize(bytes: blob.cached)) of \(ByteSize(bytes: blob.size)), "
            text += "\(ByteSize(bytes: blob.fetchedBytes)) in \(blob.fetches) fetches, \(blob.failedFetches) failed\n"
            text += "         \(blob.key.printable)\n         \(blob.object)\n"
        }
    }

    private var accesses: Int { report.blobs.reduce(0) { $0 + $1.accesses } }

    /// How much is there, as a bar that is full only when all is.
    private func bar(_ part: UInt64, of whole: UInt64) -> String {
        let width = 40
        let share = whole == 0 ? 1 : Double(part) / Double(whole)
        let filled = min(part == whole ? width : width - 1, Int(share * Double(width)))
        let percent = part == whole ? 100 : min(99, Int(share * 100))
        let marks = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        return "[\(marks)] \(right(percent, 3)) %"
    }

    private func right(_ number: Int, _ columns: Int) -> String { "\(number)".atRight(of: columns) }

    private func hex(_ number: UInt64, _ digits: Int) -> String {
        String(number, radix: 16).atRight(of: digits, filledWith: "0")
    }
}
