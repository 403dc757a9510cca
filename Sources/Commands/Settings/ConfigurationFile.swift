// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TOMLKit

/// A TOML file whose keys are the names of the settings.
enum ConfigurationFile {
    /// Puts the file's settings into `settings`.
    static func load(_ path: String, into settings: inout ImageSettings) throws(UsageError) {
        let text: String
        do { text = try TextFile.read(path) } catch {
            throw .configuration(path: path, line: nil, reason: "cannot be read: \(error)")
        }
        let table: TOMLTable
        do {
            table = try TOMLTable(string: text)
        } catch let error as TOMLParseError {
            throw .configuration(path: path, line: Int(error.source.begin.line), reason: error.description)
        } catch {
            throw .configuration(path: path, line: nil, reason: "\(error)")
        }
        for key in table.keys {
            for value in try values(table[key], key, path, text) {
                do throws(UsageError) {
                    guard key != "config", try settings.take(key, value) else { throw UsageError.unknown(key) }
                } catch {
                    throw .configuration(path: path, line: line(of: key, in: text), reason: error.description)
                }
            }
        }
    }

    private static func values(
        _ value: (any TOMLValueConvertible)?, _ key: String, _ path: String, _ text: String
    ) throws(UsageError) -> [String] {
        if let array = value?.array {
            guard ImageSettings.lists.contains(key) else {
                var copy = ImageSettings()
                // Of a setting that does not exist its name is what is wrong, whatever it is set to.
                let isKnown = (try? copy.take(key, "")) ?? true
                let reason = isKnown ? "'\(key)' takes one value" : UsageError.unknown(key).description
                throw .configuration(path: path, line: line(of: key, in: text), reason: reason)
            }
            return try array.flatMapTyped { (element) throws(UsageError) in
                try values(element, key, path, text)
            }
        }
        if let string = value?.string { return [string] }
        if let bool = value?.bool, !isText(key) { return [String(bool)] }
        if let int = value?.int, !isText(key) { return [String(int)] }
        let list = ImageSettings.lists.contains(key) ? " or a list of texts" : ""
        let wanted = isText(key) ? "a text\(list)" : "a text\(list), a number, true or false"
        throw .configuration(path: path, line: line(of: key, in: text), reason: "'\(key)' must be \(wanted)")
    }

    private static func isText(_ key: String) -> Bool {
        ImageSettings.texts.contains(key) || ImageSettings.remoteTexts.contains(key)
            || ["record", "prefetch"].contains(key)
    }

    private static func line(of key: String, in text: String) -> Int? {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.firstIndex { line in
            let start = line.drop { $0 == " " || $0 == "\t" || $0 == "\"" }
            return start.hasPrefix(key) && start.dropFirst(key.count).contains("=")
        }.map { $0 + 1 }
    }
}

extension Sequence {
    fileprivate func flatMapTyped<Result>(
        _ body: (Element) throws(UsageError) -> [Result]
    ) throws(UsageError) -> [Result] {
        var result: [Result] = []
        for element in self { result += try body(element) }
        return result
    }
}
