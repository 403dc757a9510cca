// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Testing

@testable import LayerStore

@Suite struct StoreNameTests {
    private func image(_ name: String) -> String? { Array(name.utf8).withUnsafeBytes { StoreName.image($0) } }

    private func digest(_ name: String) -> String? { Array(name.utf8).withUnsafeBytes { StoreName.digest($0) } }

    @Test(arguments: [
        ("MTI3LjAuMC4xOjUwMDAvcHVibGljL3B5dGhvbjp2MQ==", "127.0.0.1:5000/public/python:v1"),
        ("bG9jYWxob3N0L2E6MQ==", "localhost/a:1"), ("cS5pby9hYjpj", "q.io/ab:c"), ("cS5pby9hOmM=", "q.io/a:c"),
    ])
    func imagesAreStandardBase64(name: String, expected: String) { #expect(image(name) == expected) }

    @Test(arguments: ["", "a", "====", "cS5pby9hOmM", "cS5pby9h!mM=", "IA==", "AAAA", ".Trash-0", "cS5pby9hOmN="])
    func otherNamesAreNoImages(name: String) { #expect(image(name) == nil) }

    @Test func digestsHaveTheirOnlyForm() {
        let hex = String(repeating: "0a", count: 32)
        #expect(digest("sha256:" + hex) == "sha256:" + hex)
        for wrong in ["", hex, "sha256:", "sha256:" + hex + "0", "sha512:" + hex, "sha256:" + hex.uppercased()] {
            #expect(digest(wrong) == nil)
        }
    }

    @Test func aLayerHasOneSlotInAllImages() throws {
        var tree = StoreTree()
        let facts = LayerFacts(digest: "sha256:a", size: 5, diffID: "sha256:b", diffSize: 9)
        let first = tree.slot(of: facts)
        let slot = try #require(first)
        let second = tree.slot(of: facts)
        #expect(second == slot)
        let found = tree.number(of: .info(slot: slot))
        let number = try #require(found)
        let again = tree.number(of: .info(slot: slot))
        #expect(again == number)
        #expect(tree.node(number) == .info(slot: slot))
        #expect(tree.node(0) == nil && tree.node(number + 1) == nil && tree.node(.max) == nil)
        #expect(tree.attributes(of: .info(slot: slot), number).size == UInt64(facts.info.count))
        #expect(tree.attributes(of: .blob(slot: slot), number).size == 5)
    }
}
