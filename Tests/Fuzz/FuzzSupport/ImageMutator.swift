// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Damages images in the ways that find bugs: single fields with values at the edges, moved and zeroed runs, cut ends.
package struct ImageMutator: Sendable {
    private let original: [UInt8]
    /// The 16-byte units of the image that are not all zero, where damage has an effect.
    private let interesting: [Int]

    /// A source of damaged copies of `image`.
    package init(_ image: [UInt8]) {
        original = image
        let units = stride(from: 0, to: image.count - 15, by: 16)
        interesting = units.filter { image[$0..<$0 + 16].contains { $0 != 0 } }
    }

    /// The damaged copy that belongs to `seed`.
    package func copy(seed: UInt64) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        var image = original
        // Most copies must get past the checksum to reach anything else.
        if image.count > 1032 && generator.next() % 16 != 0 { image[1032] &= 0xFE }
        for _ in 0...generator.next() % 4 { mutate(&image, &generator) }
        return image
    }

    private func mutate(_ image: inout [UInt8], _ generator: inout SeededGenerator) {
        guard image.count >= 64, !interesting.isEmpty else { return }
        let position = position(in: image, &generator)
        switch generator.next() % 16 {
        case 0...3: image[position] ^= 1 << (generator.next() % 8)
        case 4...6: image[position] = UInt8(truncatingIfNeeded: generator.next())
        case 7...11: putEdge(in: &image, at: position, &generator)
        case 12: fill(&image, position..<min(image.count, position + Int(generator.next() % 64)), 0)
        case 13: fill(&image, position..<min(image.count, position + Int(generator.next() % 16)), 0xFF)
        case 14: move(in: &image, to: position, &generator)
        default: resize(&image, &generator)
        }
    }

    /// Somewhere in the superblock, in a unit that is not empty, or anywhere.
    private func position(in image: [UInt8], _ generator: inout SeededGenerator) -> Int {
        let anywhere = Int(generator.next() % UInt64(image.count))
        switch generator.next() % 8 {
        case 0: return min(1024 + anywhere % 160, image.count - 1)
        case 1: return anywhere
        default:
            let unit = interesting[Int(generator.next() % UInt64(interesting.count))]
            return min(unit + anywhere % 16, image.count - 1)
        }
    }

    private func fill(_ image: inout [UInt8], _ range: Range<Int>, _ value: UInt8) {
        for index in range { image[index] = value }
    }

    /// Writes an integer of 2, 4 or 8 bytes that lies at an edge of something.
    private func putEdge(in image: inout [UInt8], at position: Int, _ generator: inout SeededGenerator) {
        let edges: [UInt64] = [
            0, 1, 2, 7, 8, 11, 12, 13, 31, 32, 127, 128, 255, 256, 511, 512, 2047, 2048, 4095, 4096, 4097, 0x7FFF,
            0x8000,
            0xFFFE, 0xFFFF, 0x1_0000, 0x10_0000, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000,
            0xFFFF_FFFF_FFFF, 0x7FFF_FFFF_FFFF_FFFF, 0x8000_0000_0000_0000, .max,
        ]
        let value = edges[Int(generator.next() % UInt64(edges.count))]
        let length = [2, 4, 8][Int(generator.next() % 3)]
        for index in 0..<length where position + index < image.count {
            image[position + index] = UInt8(truncatingIfNeeded: value >> UInt64(8 * index))
        }
    }

    private func move(in image: inout [UInt8], to position: Int, _ generator: inout SeededGenerator) {
        let source = Int(generator.next() % UInt64(image.count))
        let length = min(Int(generator.next() % 64), image.count - max(source, position))
        let bytes = Array(image[source..<source + length])
        image.replaceSubrange(position..<position + length, with: bytes)
    }

    private func resize(_ image: inout [UInt8], _ generator: inout SeededGenerator) {
        if generator.next() % 2 == 0 {
            image.removeLast(min(image.count, Int(generator.next() % 4096)))
        } else {
            image += [UInt8](repeating: 0xA5, count: Int(generator.next() % 4096))
        }
    }
}
