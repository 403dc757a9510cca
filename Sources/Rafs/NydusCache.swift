// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Glibc
package import Primitives

/// A cache directory that nydusd filled: `<id>.blob.data`, `.blob.data.chunk_map`, `.blob.meta`.
///
/// Neither file was synced in any order, so the map is a hint: only chunks whose bytes have their digest are adopted.
package struct NydusCache: Sendable {
    /// Why a blob's cache could not be adopted.
    package enum Failure: Error, Sendable {
        /// The cache, or the image, is wrong.
        case rafs(RafsError)
        /// A file cannot be read.
        case system(SystemError)
    }

    /// What came of an adoption.
    package struct Report: Equatable, Sendable {
        /// Chunks handed over, and their plain bytes.
        package var adopted = 0
        /// Plain bytes of the adopted chunks.
        package var bytes: UInt64 = 0
        /// Chunks that the map calls ready but whose bytes are wrong, or cannot be checked for want of a digest.
        package var refused = 0
    }

    private static let maximumMetadata: UInt64 = 600 << 20
    private let directory: String

    /// A cache in the directory at `path`; nothing is opened yet.
    package init(directory path: String) { directory = path }

    /// Reads what the cache holds of a blob and hands each checked chunk to `sink`, with its cookie offset.
    ///
    /// - Parameter sink: Takes a chunk with its padding; false ends the adoption.
    package func adopt(
        _ blob: RafsBlob, of image: RafsImage, into sink: (UInt64, UnsafeRawBufferPointer) -> Bool
    ) throws(Failure) -> Report {
        let table = try table(blob, image)
        let map = try map(of: blob, table)
        let data = try open("\(blob.name).blob.data")
        let delivery = UnitDelivery(table: table, wanted: 0..<blob.size)
        let memory = ScratchMemory()
        let digester = Digester()
        var report = Report()
        for index in 0..<table.chunkCount where map.isReady(index) {
            guard let chunk = table.entry(index) else { continue }
            guard let bytes = try checked(chunk, in: data, delivery, memory, digester) else {
                report.refused += 1
                continue
            }
            guard sink(chunk.offset, bytes) else { break }
            report.adopted += 1
            report.bytes += UInt64(chunk.size)
        }
        return report
    }

    private func map(of blob: RafsBlob, _ table: UnitTable) throws(Failure) -> ChunkMap {
        let bytes = try contents(of: "\(blob.name).blob.data.chunk_map")
        do throws(RafsError) { return try ChunkMap(bytes, count: table.chunkCount) } catch { throw .rafs(error) }
    }

    /// Reads a chunk with its padding; nil when its bytes are wrong or nothing tells whether they are right.
    private func checked(
        _ chunk: ChunkEntry, in data: Descriptor, _ delivery: UnitDelivery, _ memory: ScratchMemory,
        _ digester: Digester
    ) throws(Failure) -> UnsafeRawBufferPointer? {
        guard delivery.table.digest(of: chunk.index) != nil || chunk.checksum != nil else { return nil }
        let room = memory.room(Int(chunk.paddedEnd - chunk.offset))
        room.initializeMemory(as: UInt8.self, repeating: 0)
        let plain = UnsafeMutableRawBufferPointer(rebasing: room[..<chunk.size])
        guard try read(data, at: chunk.offset, into: plain),
            delivery.isRight(chunk, UnsafeRawBufferPointer(plain), digester)
        else { return nil }
        return UnsafeRawBufferPointer(room)
    }

    /// The unit table from the cached chunk info: plain array, padded to 4096, then the header.
    private func table(_ blob: RafsBlob, _ image: RafsImage) throws(Failure) -> UnitTable {
        let name = (blob.entry.metaBlob.map { exists("\($0).blob.meta") ? $0 : blob.name }) ?? blob.name
        let bytes = try contents(of: "\(name).blob.meta")
        let digests =
            blob.entry.features.contains(.inlinedChunkDigest) && exists("\(name).blob.digest")
            ? try contents(of: "\(name).blob.digest") : nil
        do throws(RafsError) {
            let size = blob.entry.chunkInfoSize
            guard bytes.count >= ChunkInfoHeader.byteCount, size <= bytes.count - ChunkInfoHeader.byteCount else {
                throw .truncated(.chunkInfoHeader, offset: 0, count: UInt64(bytes.count))
            }
            let header = try ChunkInfoHeader(Array(bytes.suffix(ChunkInfoHeader.byteCount)), for: blob.entry)
            return try UnitTable(
                blob.entry, plain: Array(bytes[..<size]), header: header, digests: digests,
                table: image.bootstrap.chunkTable)
        } catch {
            throw .rafs(error)
        }
    }

    private func open(_ name: String) throws(Failure) -> Descriptor {
        do throws(SystemError) { return try Descriptor.open("\(directory)/\(name)", O_RDONLY) } catch {
            throw .system(error)
        }
    }

    private func exists(_ name: String) -> Bool { access("\(directory)/\(name)", R_OK) == 0 }

    private func contents(of name: String) throws(Failure) -> [UInt8] {
        let file = try open(name)
        let size: UInt64
        do throws(SystemError) { size = try file.size() } catch { throw .system(error) }
        guard size <= Self.maximumMetadata else {
            throw .rafs(.damaged(.chunkMap, field: "file size", value: size))
        }
        var bytes = [UInt8](repeating: 0, count: Int(size))
        var failure: Failure?
        var isComplete = false
        bytes.withUnsafeMutableBytes { target in
            do throws(Failure) { isComplete = try read(file, at: 0, into: target) } catch { failure = error }
        }
        if let failure { throw failure }
        guard isComplete else { throw .rafs(.truncated(.chunkMap, offset: 0, count: size)) }
        return bytes
    }

    /// Fills `target`; false when the file ends before.
    private func read(
        _ file: Descriptor, at offset: UInt64, into target: UnsafeMutableRawBufferPointer
    ) throws(Failure) -> Bool {
        do throws(SystemError) { return try file.fill(target, from: offset, directory) == target.count } catch {
            throw .system(error)
        }
    }
}
