// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FoundationEssentials

/// Values as JSON, for other programs.
enum JSON {
    /// The value, its keys sorted, over several lines.
    static func text(_ value: some Encodable) -> String { encoded(value, [.prettyPrinted]) }

    /// The value, its keys sorted, in one line.
    static func line(_ value: some Encodable) -> String { encoded(value, []) }

    private static func encoded(_ value: some Encodable, _ formatting: JSONEncoder.OutputFormatting) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = formatting.union([.sortedKeys, .withoutEscapingSlashes])
        guard let data = try? encoder.encode(value) else { return "" }
        return String(decoding: data, as: UTF8.self) + "\n"
    }

    /// Reads a value back; nil when the text is none.
    static func value<Value: Decodable>(_ type: Value.Type, from text: String) -> Value? {
        try? JSONDecoder().decode(type, from: Data(text.utf8))
    }
}
