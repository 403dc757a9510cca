// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Decompression
import Digests

/// The working memory of codecs and hash; one for each thread that decodes.
final class ChunkDecoder {
    /// Makes the digests that the chunks are held against.
    let digester = Digester()
    private let inflater = InflateContext()
    private let decoder = Decoder()
    private let plain = ScratchMemory()
    private let decrypted = ScratchMemory()

    /// Takes no memory for plain bytes yet.
    init() {}

    /// Decodes `source` so that it fills `target` exactly.
    func decode(
        _ codec: ChunkCodec, _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        switch codec {
        case .none:
            guard source.count == target.count else { return false }
            target.copyMemory(from: source)
            return true
        case .lz4: return run(Codec.lz4, source, into: target)
        case .zstd: return run(Codec.zstd, source, into: target)
        case .gzip: return inflater.member(source, into: target)
        }
    }

    private func run(
        _ codec: Codec, _ source: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) -> Bool {
        do throws(DecodingError) {
            try decoder.decode(codec, source, into: target)
            return true
        } catch {
            return false
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
        guard let source = deciphered(source, codec: codec, cipher: cipher, size: size) else { return nil }
        guard codec != .none else { return source.count == size ? source : nil }
        let target = plain.room(size)
        return decode(codec, source, into: target) ? UnsafeRawBufferPointer(target) : nil
    }

    /// Decrypts and decodes one unit so that it fills `target` exactly.
    func fill(
        _ target: UnsafeMutableRawBufferPointer, from source: UnsafeRawBufferPointer, codec: ChunkCodec,
        cipher: ChunkCipher?
    ) -> Bool {
        guard let source = deciphered(source, codec: codec, cipher: cipher, size: target.count) else { return false }
        return decode(codec, source, into: target)
    }

    private func deciphered(
        _ source: UnsafeRawBufferPointer, codec: ChunkCodec, cipher: ChunkCipher?, size: Int
    ) -> UnsafeRawBufferPointer? {
        guard let cipher else { return source }
        let room = decrypted.room(source.count)
        guard let count = cipher.decrypt(source, into: room, plainSize: codec == .none ? size : nil) else { return nil }
        return UnsafeRawBufferPointer(rebasing: room[..<count])
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
