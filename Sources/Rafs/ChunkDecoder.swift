// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import CLZ4
internal import CZstd

/// The codecs' working memory; one for each thread that decodes.
final class ChunkDecoder {
    private let inflater = InflateContext()
    private let zstd = ZSTD_createDCtx()
    private var plain = ScratchMemory()
    private var decrypted = ScratchMemory()

    init() {}

    deinit { ZSTD_freeDCtx(zstd) }

    /// Decodes `source` so that it fills `target` exactly.
    func decode(
        _ codec: ChunkCodec, _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        switch codec {
        case .none:
            guard source.count == target.count else { return false }
            target.copyMemory(from: source)
            return true
        case .lz4:
            guard let size = Int32(exactly: source.count), let room = Int32(exactly: target.count) else { return false }
            return LZ4_decompress_safe(
                source.baseAddress?.assumingMemoryBound(to: CChar.self),
                target.baseAddress?.assumingMemoryBound(to: CChar.self), size, room) == room
        case .gzip:
            return inflater.member(source, into: target)
        case .zstd:
            return ZSTD_decompressDCtx(zstd, target.baseAddress, target.count, source.baseAddress, source.count)
                == target.count
        }
    }

    /// Decodes a section into bytes of its own.
    func decode(
        _ codec: ChunkCodec, _ source: [UInt8], size: Int, _ place: RafsError.Place
    ) throws(RafsError) -> [UInt8] {
        var target = [UInt8](repeating: 0, count: size)
        let done = source.withUnsafeBytes { from in target.withUnsafeMutableBytes { decode(codec, from, into: $0) } }
        guard done || (size == 0 && source.isEmpty) else { throw .undecodable(place) }
        return target
    }

    /// Decrypts and decodes one unit.
    ///
    /// - Returns: `size` plain bytes, valid until the next call or as long as `source`; nil when they do not decode.
    func plain(
        of source: UnsafeRawBufferPointer, codec: ChunkCodec, cipher: ChunkCipher?, size: Int
    ) -> UnsafeRawBufferPointer? {
        var source = source
        if let cipher {
            let room = decrypted.room(source.count)
            let expected = codec == .none ? size : nil
            guard let count = cipher.decrypt(source, into: room, plainSize: expected) else { return nil }
            source = UnsafeRawBufferPointer(rebasing: room[..<count])
        }
        guard codec != .none else { return source.count == size ? source : nil }
        let target = plain.room(size)
        return decode(codec, source, into: target) ? UnsafeRawBufferPointer(target) : nil
    }

    /// Inflates the first `size` plain bytes of a random access context.
    ///
    /// - Returns: The bytes, valid until the next call; nil when they do not decode.
    func plain(
        of source: UnsafeRawBufferPointer, context: RandomAccessContext, dictionary: UnsafeRawBufferPointer, size: Int
    ) -> UnsafeRawBufferPointer? {
        let target = plain.room(size)
        let done = inflater.window(
            source, bits: context.bits, of: context.byte, dictionary: dictionary, into: target)
        return done ? UnsafeRawBufferPointer(target) : nil
    }
}
