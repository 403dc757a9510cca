// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A word that is none of those that would be understood in its place.
struct MistypedWord {
    private let letters: [UInt8]

    /// So many letters may be wrong, missing or too many.
    private static let tolerance = 2

    /// Takes a word of lower-case letters and hyphens; nil for anything else, such as a path or an address.
    init?(_ text: String) {
        letters = Array(text.utf8)
        let isWord = letters.allSatisfy { UInt8(ascii: "a")...UInt8(ascii: "z") ~= $0 || $0 == UInt8(ascii: "-") }
        guard isWord, !letters.isEmpty else { return nil }
    }

    /// The word that was probably meant; nil when none is like it.
    func nearest(in words: [String]) -> String? {
        let distances = words.map { (word: $0, distance: distance(to: Array($0.utf8))) }
        guard let best = distances.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= min(MistypedWord.tolerance, letters.count - 1) ? best.word : nil
    }

    /// How many letters have to be changed, added or removed (Levenshtein's distance).
    private func distance(to other: [UInt8]) -> Int {
        var row = Array(0...other.count)
        for (index, letter) in letters.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, wanted) in other.enumerated() {
                let change = diagonal + (letter == wanted ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(change, diagonal + 1, row[column] + 1)
            }
        }
        return row[other.count]
    }
}
