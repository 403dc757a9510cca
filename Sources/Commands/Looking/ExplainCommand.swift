// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import BlobFetch
import EROFS
import Fscache
import ImageReader

/// `explain`: the way of a read, step by step, without fetching anything of the file.
struct ExplainCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract: "From a path to its inode, extents, cookies, verdicts and remote ranges, without fetching.")

    @Argument(help: "The image: a file or an address.")
    var image: String

    @Argument(help: "A path in the image.")
    var path: String

    @Option(help: "Where in the file to begin, in bytes.")
    var offset: UInt64 = 0

    @Option(help: "How many bytes to explain (default: to the end).")
    var length: UInt64?

    @OptionGroup var options: ImageOptions

    func run() throws {
        let settings = try options.settings()
        let assembly = try ImageAssembly(image, settings) { ErrorLine.writeRaw("swift-erofs-fuse: \($0)") }
        let walk = ImagePath(reader: assembly.reader)
        let inode = try walk.inode(path)
        StandardOutput.write("\(path)\n  nid \(inode.nid), \(inode.type), \(inode.layout), \(inode.size) bytes\n")
        let (sum, overflow) = offset.addingReportingOverflow(length ?? inode.size)
        let range = offset..<max(offset, min(inode.size, overflow ? inode.size : sum))
        for extent in try walk.extents(of: inode, range) {
            StandardOutput.write("  \(extent.start) + \(extent.length): \(extent.source.text)\n")
            guard let (device, part) = stored(extent, range) else { continue }
            explain(device, part, assembly.reader)
        }
    }

    /// The device and the range on it that a part of an extent needs.
    private func stored(_ extent: Extent, _ range: Range<UInt64>) -> (device: Int, Range<UInt64>)? {
        switch extent.source {
        case .device(let id, let offset):
            let part = range.clamped(to: extent.start..<extent.end)
            return (id, offset + (part.lowerBound - extent.start)..<offset + (part.upperBound - extent.start))
        case .cluster(let cluster):
            guard case .device(let id, let offset) = cluster.place else { return nil }
            let (end, overflow) = offset.addingReportingOverflow(UInt64(cluster.encodedLength))
            return overflow ? nil : (id, offset..<end)
        case .hole, .inline, .fragment: return nil
        }
    }

    private func explain(_ id: Int, _ range: Range<UInt64>, _ reader: ImageReader) {
        guard id < reader.devices.devices.count else { return StandardOutput.write("    there is no device \(id)\n") }
        switch reader.devices.devices[id] {
        case .file(let file):
            StandardOutput.write(
                "    local file \(file.path), \(range.lowerBound) + \(range.count): no cache between\n")
        case .blob(let blob):
            StandardOutput.write("    cookie \(blob.name) (\(blob.cookie.path))\n")
            for line in verdicts(blob, range) { StandardOutput.write("      \(line)\n") }
        }
    }

    /// What `prepareOndemandRead` says of each run of a range.
    private func verdicts(_ blob: Blob, _ range: Range<UInt64>) -> [String] {
        var result: [String] = []
        var position = range.lowerBound
        let end = min(range.upperBound, blob.size)
        while position < end {
            var read = OndemandRead(start: position, length: end - position, flags: [])
            let (verdict, reason) = prepareOndemandRead(
                &read, over: BitmapMap(blob.cookie.map.readable), blockSize: MapFile.granule
            ) { _, _ in .failed }
            let count = min(max(read.length, 1), end - position)
            var line = "\(position) + \(count): \(verdict) (\(reason.rawValue))"
            if verdict == .downloadFromServer {
                let sources = blob.sourceNames.joined(separator: ", then ")
                line += sources.isEmpty ? "; no remote" : "; from \(sources)"
            }
            result.append(line)
            position += count
        }
        return result
    }
}
