// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import EROFS
import Fscache
import ImageReader

/// The way of a read: from a path to the extents, and from each to the bytes of a device and what the cache has of them.
struct ExplainReport: Encodable {
    /// A run of a device that the cache answers in one way.
    struct Run: Encodable {
        var start: UInt64
        var length: UInt64
        var verdict: String
        var reason: String
        /// Where the bytes would be fetched from, in the order in which it is tried.
        var sources: [String]?
    }

    /// Bytes of a device that an extent needs.
    struct Need: Encodable {
        var device: Int
        var start: UInt64
        var length: UInt64
        /// The path of a local file, which is read in place.
        var file: String?
        /// The name of the blob, its cookie's file and what the cache says.
        var blob: String?
        var cookie: String?
        var runs: [Run]?
        /// The chunks that the bytes are parts of, when the image is a RAFS one.
        var chunks: [ChunkReport]?
    }

    /// One extent of the file.
    struct Piece: Encodable {
        var start: UInt64
        var length: UInt64
        var source: String
        var needs: Need?
    }

    var path: String
    var nid: UInt64
    var type: String
    var layout: String
    var size: UInt64
    var extents: [Piece]

    init(
        _ path: String, _ inode: Inode, _ extents: [Extent], _ range: Range<UInt64>, _ assembly: ImageAssembly
    ) throws {
        self.path = path
        nid = inode.nid.rawValue
        type = "\(inode.type)"
        layout = "\(inode.layout)"
        size = inode.size
        self.extents = try extents.map { extent in
            let needs = try extent.stored(range).map { device, bytes in
                var need = Need(device: device, bytes, assembly.reader.devices)
                need.chunks = try assembly.chunks?.chunks(ofDevice: device, in: bytes)
                return need
            }
            return Piece(start: extent.start, length: extent.length, source: extent.source.text, needs: needs)
        }
    }

    /// The report for people.
    var lines: String {
        extents.reduce("\(path.printable)\n  nid \(nid), \(type), \(layout), \(size) bytes\n") { text, piece in
            text + "  \(piece.start) + \(piece.length): \(piece.source)\n" + (piece.needs?.lines ?? "")
        }
    }
}

extension ExplainReport.Need {
    init(device id: Int, _ range: Range<UInt64>, _ devices: DeviceSet) {
        device = id
        start = range.lowerBound
        length = range.upperBound - range.lowerBound
        guard id < devices.devices.count else { return }
        switch devices.devices[id] {
        case .file(let local): file = local.path
        case .blob(let blob):
            self.blob = blob.name
            cookie = blob.cookie.path
            runs = ExplainReport.runs(blob, range)
        }
    }

    /// The lines for people.
    var lines: String {
        if let file { return "    local file \(file), \(start) + \(length): no cache between\n" }
        guard let blob else { return "    there is no device \(device)\n" }
        let lines = (runs ?? []).map(\.line) + (chunks ?? []).map(\.line)
        return lines.reduce("    cookie \(blob) (\(cookie ?? ""))\n") { $0 + "      \($1)\n" }
    }
}

extension ExplainReport.Run {
    /// The line for people.
    var line: String {
        var line = "\(start) + \(length): \(verdict) (\(reason))"
        if let sources {
            line += sources.isEmpty ? "; no remote" : "; from \(sources.joined(separator: ", then "))"
        }
        return line
    }
}

extension ExplainReport {
    /// What `prepareOndemandRead` says of each run of a range.
    fileprivate static func runs(_ blob: Blob, _ range: Range<UInt64>) -> [Run] {
        var result: [Run] = []
        var position = range.lowerBound
        let end = min(range.upperBound, blob.size)
        while position < end {
            var read = OndemandRead(start: position, length: end - position, flags: [])
            let (verdict, reason) = prepareOndemandRead(
                &read, over: BitmapMap(blob.cookie.map.readable), blockSize: MapFile.granule
            ) { _, _ in .failed }
            let count = min(max(read.length, 1), end - position)
            result.append(
                Run(
                    start: position, length: count, verdict: "\(verdict)", reason: reason.rawValue,
                    sources: verdict == .downloadFromServer ? blob.sourceNames : nil))
            position += count
        }
        return result
    }
}
