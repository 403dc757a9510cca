// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Glibc
import Primitives

/// The directories of a store, without what is inside of the layers: `BASE64-OF-IMAGE/DIGEST/{diff,info,blob}`.
///
/// Names get their numbers when they are first asked for, and keep them: there are as many as images and layers in use.
struct StoreTree {
    /// What a number stands for.
    enum Node: Hashable {
        case root
        case image(String)
        case layer(image: UInt64, slot: Int)
        case info(slot: Int)
        case blob(slot: Int)
    }

    /// The most images and layers of one store.
    static let limit = 60_000

    private var nodes: [Node] = [.root]
    private var numbers: [Node: UInt64] = [.root: 1]
    /// The layers by their slot; the same layer in several images is one.
    private(set) var layers: [LayerFacts] = []
    private var slots: [String: Int] = [:]

    /// What `number` stands for; nil for a number that was never given.
    func node(_ number: UInt64) -> Node? {
        number >= 1 && number <= nodes.count ? nodes[Int(number) - 1] : nil
    }

    /// The number of a node; nil when there are too many.
    mutating func number(of node: Node) -> UInt64? {
        if let number = numbers[node] { return number }
        guard nodes.count < 4 * StoreTree.limit else { return nil }
        nodes.append(node)
        numbers[node] = UInt64(nodes.count)
        return UInt64(nodes.count)
    }

    /// The slot of a layer, which is new or known; nil when there are too many.
    mutating func slot(of facts: LayerFacts) -> Int? {
        if let slot = slots[facts.digest] { return slot }
        guard layers.count < StoreTree.limit else { return nil }
        layers.append(facts)
        slots[facts.digest] = layers.count - 1
        return layers.count - 1
    }

    /// The attributes of a node.
    func attributes(of node: Node, _ number: UInt64) -> Attributes {
        var result = Attributes()
        result.inodeNumber = number
        result.userID = getuid()
        result.groupID = getgid()
        result.links = 2
        result.mode = S_IFDIR | 0o755
        switch node {
        case .info(let slot): result.size = UInt64(layers[slot].info.count)
        case .blob(let slot): result.size = layers[slot].size
        default: return result
        }
        result.mode = S_IFREG | 0o444
        result.links = 1
        return result
    }
}

/// The names in a store.
enum StoreName {
    /// The image that a directory's name stands for: standard base 64 with padding, of a printable name.
    static func image(_ name: UnsafeRawBufferPointer) -> String? {
        guard name.count % 4 == 0, !name.isEmpty, let bytes = decoded(name), bytes.allSatisfy({ $0 > 32 && $0 < 127 })
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The digest that a directory's name is: `sha256:` and 64 lower-case hexadecimal digits.
    static func digest(_ name: UnsafeRawBufferPointer) -> String? {
        let text = String(decoding: name, as: UTF8.self)
        guard text.hasPrefix("sha256:"), text.utf8.count == 71 else { return nil }
        let isHex = text.utf8.dropFirst(7).allSatisfy {
            (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains($0)
        }
        return isHex ? text : nil
    }

    private static let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

    private static func decoded(_ name: UnsafeRawBufferPointer) -> [UInt8]? {
        let padding = name.suffix(2).count { $0 == UInt8(ascii: "=") }
        var result: [UInt8] = []
        var (bits, count): (UInt32, UInt32) = (0, 0)
        for byte in name.dropLast(padding) {
            guard let value = alphabet.firstIndex(of: byte) else { return nil }
            bits = bits << 6 & 0xFFFF | UInt32(value)
            count += 6
            guard count >= 8 else { continue }
            count -= 8
            result.append(UInt8(truncatingIfNeeded: bits >> count))
        }
        return bits & (1 << count - 1) == 0 ? result : nil
    }
}
