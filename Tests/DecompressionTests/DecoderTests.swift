// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Decompression
import Testing

@Suite struct DecoderTests {
    private let decoder = Decoder()

    /// What `encoded` decodes to, in a target with guard bytes behind it that must stay as they are.
    private func decode(
        _ codec: Codec, _ encoded: [UInt8], count: Int, _ amount: Decoder.Amount = .whole
    ) throws(DecodingError) -> [UInt8] {
        var target = [UInt8](repeating: 0xA5, count: count + 64)
        var failure: DecodingError?
        encoded.withUnsafeBytes { source in
            target.withUnsafeMutableBytes { output in
                let wanted = UnsafeMutableRawBufferPointer(rebasing: output[..<count])
                do throws(DecodingError) {
                    try decoder.decode(codec, source, into: wanted, amount)
                } catch { failure = error }
            }
        }
        #expect(target[count...].allSatisfy { $0 == 0xA5 }, "written behind the target")
        if let failure { throw failure }
        return Array(target[..<count])
    }

    @Test(arguments: Codec.allCases, [1, 13, 4096, 70_000, 1_200_000])
    func decodesWholeStreams(codec: Codec, count: Int) throws {
        let text = sampleText(count)
        #expect(try decode(codec, Encoder.encode(text, codec), count: count) == text)
    }

    @Test(arguments: Codec.allCases, [1, 100, 4095, 4096, 33_333, 69_999, 70_000])
    func decodesPrefixes(codec: Codec, count: Int) throws {
        let text = sampleText(70_000)
        let encoded = Encoder.encode(text, codec)
        #expect(try decode(codec, encoded, count: count, .prefix) == Array(text[..<count]))
    }

    @Test(arguments: Codec.allCases)
    func refusesWholeStreamsOfAnotherLength(codec: Codec) {
        let encoded = Encoder.encode(sampleText(5000), codec)
        for count in [1, 4999, 5001, 9000] {
            #expect(throws: DecodingError.self, "\(count) bytes") { try decode(codec, encoded, count: count) }
        }
    }

    @Test(arguments: Codec.allCases)
    func refusesPrefixesBeyondTheEnd(codec: Codec) {
        let encoded = Encoder.encode(sampleText(5000), codec)
        #expect(throws: DecodingError.self) { try decode(codec, encoded, count: 5001, .prefix) }
    }

    @Test(arguments: Codec.allCases)
    func refusesCutStreams(codec: Codec) {
        let encoded = Encoder.encode(sampleText(3000), codec)
        for count in stride(from: 0, to: encoded.count, by: 7) {
            #expect(throws: DecodingError.self, "cut at \(count)") {
                try decode(codec, Array(encoded[..<count]), count: 3000)
            }
        }
    }

    @Test(arguments: Codec.allCases)
    func survivesEveryFlippedByte(codec: Codec) throws {
        let text = sampleText(3000)
        let encoded = Encoder.encode(text, codec)
        for position in encoded.indices {
            for mask in [UInt8(0x01), 0x80, 0xFF] {
                var damaged = encoded
                damaged[position] ^= mask
                _ = try? decode(codec, damaged, count: 3000)
                _ = try? decode(codec, damaged, count: 1111, .prefix)
            }
        }
        #expect(try decode(codec, encoded, count: 3000) == text, "the decoder is as good as new")
    }

    @Test(arguments: Codec.allCases)
    func namesEmptyStreams(codec: Codec) {
        #expect(throws: DecodingError.empty(codec)) { try decode(codec, [], count: 10) }
    }

    @Test func findsTheStreamBehindItsPadding() throws {
        let text = sampleText(9000)
        let stream = Encoder.encode(text, .lz4)
        let padded = [UInt8](repeating: 0, count: 777) + stream
        padded.withUnsafeBytes { bytes in
            #expect(Array(bytes.withoutLeadingZeroes(limit: 4096)) == stream)
            #expect(bytes.withoutLeadingZeroes(limit: 777).isEmpty)
        }
        [UInt8](repeating: 0, count: 64).withUnsafeBytes { bytes in
            #expect(bytes.withoutLeadingZeroes(limit: 4096).isEmpty)
        }
    }

    @Test func readsOldBlocksWithPaddingBehindThem() throws {
        let text = sampleText(9000)
        let padded = Encoder.encode(text, .lz4) + [UInt8](repeating: 0, count: 777)
        #expect(try decode(.lz4, padded, count: 9000, .prefix) == text)
    }

    @Test func ignoresWhatFollowsAFrame() throws {
        let text = sampleText(9000)
        let encoded = Encoder.encode(text, .zstd) + [UInt8](repeating: 0, count: 100)
        #expect(try decode(.zstd, encoded, count: 9000) == text)
    }

    @Test func saysWhatIsWrong() {
        #expect(
            DecodingError.wrongLength(.zstd, decoded: 3, wanted: 4).description
                == "the Zstandard stream gives 3 bytes instead of 4")
        #expect(DecodingError.storedTooShort(stored: 1, wanted: 2).description == "1 stored bytes should be 2")
    }
}
