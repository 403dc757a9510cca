// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// Looks at one inode and all that belongs to it.
struct InodeCheck {
    let check: ImageCheck
    let visit: ImageCheck.Visit
    /// Takes content while it is read.
    let buffer: UnsafeMutableRawBufferPointer

    private var reader: ImageReader { check.reader }

    /// Checks the inode; whatever is wrong is reported, and the rest goes on.
    func run() {
        guard let inode = attempt({ () throws(ReadError) in try reader.inode(visit.nid) }) else { return }
        attempt { () throws(ReadError) in try attributes(of: inode) }
        switch inode.type {
        case .directory: attempt { () throws(ReadError) in try directory(inode) }
        case .regular, .symbolicLink: content(of: inode)
        default: break
        }
    }

    /// Does `body` with what it needs fetched; reports its failure.
    @discardableResult
    private func attempt<Result>(_ body: () throws(ReadError) -> Result) -> Result? {
        do throws(ReadError) {
            return try reader.settling(body)
        } catch {
            check.report(visit.path, error.description)
            return nil
        }
    }

    private func attributes(of inode: Inode) throws(ReadError) {
        let attributes = try reader.extendedAttributes(of: inode)
        do throws(ImageError) { try attributes.forEachAttribute { _, _ in true } } catch { throw ReadError(error) }
    }

    private func content(of inode: Inode) {
        if inode.type == .symbolicLink, inode.size > 4095 {
            return check.report(visit.path, "link target has \(inode.size) bytes, more than Linux follows")
        }
        var position: UInt64 = 0
        while position < inode.size {
            // Holes are skipped: a sparse file may have more bytes than anybody could read.
            guard let extent = attempt({ () throws(ReadError) in try reader.extent(of: inode, at: position) }) else {
                return
            }
            if extent.source == .hole {
                position = extent.end
                continue
            }
            // A device may have large holes, too; to ask costs less than to read from one buffer on.
            if extent.end - position > UInt64(buffer.count) {
                let unwritten = reader.unwrittenBytes(of: extent, at: position)
                position += unwritten
                if unwritten > 0 { continue }
            }
            let count = attempt { () throws(ReadError) in
                try reader.read(inode, at: position, into: buffer, on: .worker)
            }
            guard let count, count > 0 else { return }
            check.count(bytes: count)
            position += UInt64(count)
        }
    }

    private func directory(_ inode: Inode) throws(ReadError) {
        let directory = try reader.directory(inode)
        guard visit.depth < ImageCheck.deepest else {
            return check.report(visit.path, "directories are nested more than \(ImageCheck.deepest) deep")
        }
        var previous: [UInt8] = []
        do throws(ImageError) {
            try directory.forEachEntry(from: 0) { entry in
                let name = Array(entry.name)
                // The omitted "." comes last, behind all names.
                let isOmittedDot = inode.isDotOmitted && name == [UInt8(ascii: ".")]
                if !previous.isEmpty, !isOmittedDot, !previous.lexicographicallyPrecedes(name) {
                    check.report(visit.path, "names are not in order at '\(String(decoding: name, as: UTF8.self))'")
                }
                previous = name
                look(at: entry, name)
                return true
            }
        } catch {
            throw ReadError(error)
        }
        try reader.checkIntact()
    }

    private func look(at entry: DirectoryEntry, _ name: [UInt8]) {
        let text = String(decoding: name, as: UTF8.self)
        switch text {
        case ".":
            if entry.nid != visit.nid { check.report(visit.path, "'.' is inode \(entry.nid), not \(visit.nid)") }
        case "..":
            if entry.nid != visit.parent { check.report(visit.path, "'..' is inode \(entry.nid), not \(visit.parent)") }
        default:
            let path = visit.path == "/" ? "/" + text : visit.path + "/" + text
            if name.contains(UInt8(ascii: "/")) { check.report(path, "the name has a '/'") }
            let next = ImageCheck.Visit(nid: entry.nid, parent: visit.nid, path: path, depth: visit.depth + 1)
            if !check.plan(next), entry.type == .directory {
                check.report(path, "directory \(entry.nid) has more than one name: a loop, or a hard link")
            }
            compareType(of: entry, path)
        }
    }

    private func compareType(of entry: DirectoryEntry, _ path: String) {
        // An inode that cannot be read is reported when it is visited.
        guard let type = entry.type, let inode = try? reader.inode(entry.nid), inode.type != type else { return }
        check.report(path, "the directory says \(type), but inode \(entry.nid) is a \(inode.type)")
    }
}
