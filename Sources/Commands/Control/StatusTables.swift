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
        return caches + volumes(volume) + cookies
    }

    private var caches: String {
        """
        CACHE    REF   VOLS  OBJS  ACCES S NAME
        ======== ===== ===== ===== ===== = ===============
        00000001     1     1 \(right(report.blobs.count, 5)) \(right(accesses, 5)) A \(report.cache ?? "")

        """
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
            text += "         \(bar(blob)) \(ByteSize(bytes: blob.cached)) of \(ByteSize(bytes: blob.size)), "
            text += "\(ByteSize(bytes: blob.fetchedBytes)) in \(blob.fetches) fetches, \(blob.failedFetches) failed\n"
            text += "         \(blob.key.printable)\n         \(blob.object)\n"
        }
    }

    private var accesses: Int { report.blobs.reduce(0) { $0 + $1.accesses } }

    /// How much of a blob is there, as a bar that is full only when all is.
    private func bar(_ blob: MountReport.Blob) -> String {
        let width = 40
        let share = blob.size == 0 ? 1 : Double(blob.cached) / Double(blob.size)
        let filled = min(blob.cached == blob.size ? width : width - 1, Int(share * Double(width)))
        let percent = blob.cached == blob.size ? 100 : min(99, Int(share * 100))
        let marks = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        return "[\(marks)] \(right(percent, 3)) %"
    }

    private func right(_ number: Int, _ columns: Int) -> String { "\(number)".atRight(of: columns) }

    private func hex(_ number: UInt64, _ digits: Int) -> String {
        String(number, radix: 16).atRight(of: digits, filledWith: "0")
    }
}
