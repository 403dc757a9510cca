// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import EROFS

/// Decodes units, checks their chunks and hands out the part of the cookie that was asked for, in order.
struct UnitDelivery {
    /// The units of the blob.
    let table: UnitTable
    /// The range of the cookie that is wanted.
    let wanted: Range<UInt64>

    /// Decodes `unit` from its remote bytes and hands what is wanted of it to `sink`.
    ///
    /// Nothing of a chunk reaches `sink` before the whole chunk has been checked.
    func deliver<Failure: Error>(
        _ unit: Unit, from remote: UnsafeRawBufferPointer, with decoder: ChunkDecoder,
        into sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(DeliveryError<Failure>) {
        var plain: UnsafeRawBufferPointer?
        for index in unit.chunks {
            guard let chunk = table.entry(index), chunk.offset < wanted.upperBound,
                chunk.paddedEnd > wanted.lowerBound
            else { continue }
            if plain == nil {
                plain = self.plain(unit, chunk, remote, decoder)
                guard plain != nil else { throw .rafs(.undecodable(.unit(firstChunk: chunk.index))) }
            }
            guard let plain, let bytes = Self.member(chunk, of: plain) else {
                throw .rafs(.undecodable(.chunk(chunk.index)))
            }
            guard isRight(chunk, bytes, decoder.digester) else { throw .rafs(.digestMismatch(.chunk(chunk.index))) }
            do throws(Failure) { try hand(bytes, of: chunk, into: sink) } catch { throw .sink(error) }
        }
    }

    /// Decodes a unit straight to where its bytes are to lie, when it is one chunk and all of it is wanted.
    ///
    /// - Parameter room: Memory for so many bytes, or none.
    /// - Returns: The bytes that were made and checked, padding included; nil when ``deliver(_:from:with:into:)`` has to do it.
    func fill(
        _ unit: Unit, from remote: UnsafeRawBufferPointer, with decoder: ChunkDecoder,
        room: (Int) -> UnsafeMutableRawBufferPointer?
    ) throws(RafsError) -> Int? {
        guard unit.chunks.count == 1, let chunk = table.entry(unit.chunks.lowerBound), case .single = chunk.kind,
            chunk.isCompressed, wanted.clamped(to: unit.range) == unit.range, let room = room(unit.range.count)
        else { return nil }
        let plain = UnsafeMutableRawBufferPointer(rebasing: room[..<chunk.size])
        let cipher = chunk.isEncrypted ? table.blob.cipher : nil
        guard decoder.fill(plain, from: remote, codec: table.blob.codec, cipher: cipher) else {
            throw .undecodable(.unit(firstChunk: chunk.index))
        }
        guard isRight(chunk, UnsafeRawBufferPointer(plain), decoder.digester) else {
            throw .digestMismatch(.chunk(chunk.index))
        }
        UnsafeMutableRawBufferPointer(rebasing: room[chunk.size...]).initializeMemory(as: UInt8.self, repeating: 0)
        return room.count
    }

    /// Whether the plain bytes of a chunk have its digest or, without one, its checksum.
    func isRight(_ chunk: ChunkEntry, _ bytes: UnsafeRawBufferPointer, _ digester: Digester) -> Bool {
        if let digest = table.digest(of: chunk.index) { return digester.digest(digest.algorithm, of: bytes) == digest }
        guard let checksum = chunk.checksum else { return true }
        var crc = CRC32C()
        crc.update(bytes)
        return ~crc.value == checksum
    }

    /// The plain bytes of a unit, of which `first` is the first chunk that is wanted; of a window no more than is wanted.
    private func plain(
        _ unit: Unit, _ first: ChunkEntry, _ remote: UnsafeRawBufferPointer, _ decoder: ChunkDecoder
    ) -> UnsafeRawBufferPointer? {
        let cipher = first.isEncrypted || first.isBatchMember ? table.blob.cipher : nil
        switch first.kind {
        case .single:
            let codec = first.isCompressed ? table.blob.codec : .none
            return decoder.plain(of: remote, codec: codec, cipher: cipher, size: first.size)
        case .batch:
            let codec = remote.count == unit.size ? .none : table.blob.codec
            return decoder.plain(of: remote, codec: codec, cipher: cipher, size: unit.size)
        case .window(let index, _):
            guard let context = try? table.contexts.window(index) else { return nil }
            let size = wantedEnd(of: unit)
            return table.contexts.withDictionary(context) { dictionary in
                decoder.plain(of: remote, context: context, dictionary: dictionary, size: min(size, unit.size))
            }
        }
    }

    /// Where the last wanted chunk of a unit ends in the unit's plain bytes.
    private func wantedEnd(of unit: Unit) -> Int {
        unit.chunks.reduce(0) { end, index in
            guard let chunk = table.entry(index), chunk.offset < wanted.upperBound else { return end }
            return max(end, chunk.endInContext)
        }
    }

    private static func member(_ chunk: ChunkEntry, of plain: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let end = chunk.endInContext
        guard end <= plain.count, end >= chunk.size else { return nil }
        return UnsafeRawBufferPointer(rebasing: plain[end - chunk.size..<end])
    }

    /// Hands over what is wanted of a chunk, and of the zeroes between it and the next block.
    private func hand<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer, of chunk: ChunkEntry,
        into sink: (UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) {
        let data = wanted.clamped(to: chunk.offset..<chunk.end)
        if !data.isEmpty {
            let start = Int(data.lowerBound - chunk.offset)
            try sink(UnsafeRawBufferPointer(rebasing: bytes[start..<start + data.count]))
        }
        let padding = wanted.clamped(to: chunk.end..<chunk.paddedEnd)
        if !padding.isEmpty { try Self.zeroes.lend(padding.count, to: sink) }
    }

    private static let zeroes = Zeroes()
}

/// Why a delivery ended: the unit is wrong, or the receiver gave up.
enum DeliveryError<Failure: Error>: Error {
    /// The unit is wrong.
    case rafs(RafsError)
    /// The receiver gave up.
    case sink(Failure)
}

extension ChunkEntry {
    fileprivate var isBatchMember: Bool {
        if case .batch = kind { true } else { false }
    }

    /// Where the chunk ends in the plain text of its unit.
    fileprivate var endInContext: Int {
        switch kind {
        case .single: size
        case .batch(_, let offset), .window(_, let offset): offset + size
        }
    }
}

/// A block of zeroes to hand out.
private final class Zeroes: @unchecked Sendable {
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 64)

    init() { memory.initializeMemory(as: UInt8.self, repeating: 0) }

    deinit { memory.deallocate() }

    func lend<Failure: Error>(_ count: Int, to body: (UnsafeRawBufferPointer) throws(Failure) -> Void) throws(Failure) {
        try body(UnsafeRawBufferPointer(rebasing: memory[..<min(count, memory.count)]))
    }
}
