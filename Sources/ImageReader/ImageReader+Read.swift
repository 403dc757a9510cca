// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import EROFS

// Files: from a range of an inode to its bytes.
extension ImageReader {
    /// Reads a range of a regular file, a symlink's target, or a directory's raw content.
    ///
    /// Fills `buffer` from `offset` on; less only at the end of the file. When bytes are missing nothing of the buffer
    /// is of use, and the error names everything that the whole range lacks, so that it is fetched at once.
    ///
    /// - Returns: The bytes read; 0 at or behind the end of the file.
    package func read(
        _ inode: Inode, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer, on context: ReadContext
    ) throws(ReadError) -> Int {
        guard offset < inode.size else { return 0 }
        let wanted = Int(min(UInt64(buffer.count), inode.size - offset))
        let target = UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted])
        try content.fill(target, from: inode, at: offset, on: context.reading(inode.nid))
        try checkIntact()
        return wanted
    }

    /// Where a part of a file lies as it is, when that is one run of a local file whose pages are all in the page cache; see
    /// ``LocalFile/cachedRun(_:_:)``.
    ///
    /// Takes no bytes, so nothing of it is checked but that it lies inside the device.
    ///
    /// - Parameter range: Inside the file, and not empty.
    package func cachedRun(of inode: Inode, _ range: Range<UInt64>) throws(ReadError) -> LocalRun? {
        // Nothing of it lies as it is, and where it lies costs the most to find, which the read itself will do.
        guard !inode.layout.isCompressed else { return nil }
        let extent = try content.extent(of: inode, at: range.lowerBound)
        guard case .device(let id, let start) = extent.source, extent.end >= range.upperBound else { return nil }
        let count = range.count
        let position = start &+ (range.lowerBound - extent.start)
        guard case .file(let file) = try devices.device(id, position, count) else { return nil }
        try checkIntact()
        return file.cachedRun(position, count)
    }

    /// Whether all bytes of a range of a file can be read now, and if not, which are missing.
    package func missingBytes(of inode: Inode, _ range: Range<UInt64>) throws(ReadError) -> MissingBytes? {
        try content.missing(of: inode, range.clamped(to: 0..<inode.size))
    }

    /// Starts fetching what a whole file lacks, for readers to come; waits for nothing.
    ///
    /// - Throws: What is missing of the metadata that says where the file lies.
    package func fetchAhead(_ inode: Inode) throws(ReadError) {
        guard let missing = try missingBytes(of: inode, 0..<inode.size) else { return }
        provider.fetchAhead(missing)
    }

    /// How many bytes of an extent's rest, from file offset `position` on, were never written to their local file.
    ///
    /// 0 when any of the rest lies outside its device: that must be read, and fail.
    package func unwrittenBytes(of extent: Extent, at position: UInt64) -> UInt64 {
        guard case .device(let id, let start) = extent.source, id < content.devices.devices.count,
            case .file(let file) = content.devices.devices[id]
        else { return 0 }
        let (offset, overflow) = start.addingReportingOverflow(position - extent.start)
        let rest = extent.end - position
        guard !overflow, offset <= file.size, file.size - offset >= rest else { return 0 }
        return min(rest, file.unwrittenBytes(at: offset))
    }

    /// The extent that covers byte `offset` of a file, which lies before its end; never empty.
    package func extent(of inode: Inode, at offset: UInt64) throws(ReadError) -> Extent {
        try content.extent(of: inode, at: offset)
    }
}
