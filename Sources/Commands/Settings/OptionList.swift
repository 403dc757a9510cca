// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The argument of `-o`: options with commas between, as mount(8) takes them.
///
/// A backslash keeps a comma in a value.
struct OptionList: Equatable, Sendable {
    private(set) var options: [(name: String, value: String?)] = []

    init(_ text: String) {
        var piece = ""
        var isEscaped = false
        for character in text {
            if isEscaped {
                piece.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "," {
                add(piece)
                piece = ""
            } else {
                piece.append(character)
            }
        }
        add(piece)
    }

    private mutating func add(_ piece: String) {
        guard !piece.isEmpty else { return }
        let parts = piece.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        options.append((String(parts[0]), parts.count == 2 ? String(parts[1]) : nil))
    }

    static func == (left: OptionList, right: OptionList) -> Bool {
        left.options.map(\.name) == right.options.map(\.name) && left.options.map(\.value) == right.options.map(\.value)
    }
}
