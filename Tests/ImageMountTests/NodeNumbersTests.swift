// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import ImageReader
import TestSupport
import Testing

@testable import ImageMount

@Suite struct NodeNumbersTests {
    private static let roots: [UInt64] = [0, 1, 36, 1 << 40, 1 << 63, (1 << 63) + 5]

    @Test(arguments: roots) func everyNidHasANodeOfItsOwn(_ root: UInt64) {
        let numbers = NodeNumbers(root: NodeID(rawValue: root))
        #expect(numbers.node(of: NodeID(rawValue: root)) == NodeNumbers.root)
        let nids: [UInt64] = [0, 1, 2, 35, 36, 37, 1 << 40, 1 << 63, (1 << 63) + 5, .max - 1, root]
        let nodes = nids.map { numbers.node(of: NodeID(rawValue: $0)) }
        #expect(Set(nodes).count == Set(nids).count)
        #expect(!nodes.contains(0))
        for (nid, node) in zip(nids, nodes) { #expect(numbers.nid(of: node).rawValue == nid) }
    }

    @Test func branchesOfOneMountHaveNumbersApart() {
        let base = 3 * ImageBranch.span
        let numbers = NodeNumbers(root: NodeID(rawValue: 36), base: base)
        #expect(numbers.node(of: NodeID(rawValue: 36)) == base + 1)
        for nid in [0, 1, 35, 36, 37, ImageBranch.span - 2] as [UInt64] {
            let node = numbers.node(of: NodeID(rawValue: nid))
            #expect(node / ImageBranch.span == 3 && node % ImageBranch.span != 0)
            #expect(numbers.nid(of: node).rawValue == nid)
        }
        #expect(numbers.shown(7) == base + 7)
    }

    @Test func anImageWhoseNumbersNeedAllBitsIsNoBranch() throws {
        let image = try bytes(ofFile: PackageFiles.root + "/Tests/EROFSTests/Fixtures/metabox.erofs")
        let server = try Server(HeldSource(image, heldFrom: .max))
        let reader = server.server.answerer.reader
        let metabox = reader.image.superblock.metaboxInode?.rawValue
        let refusal = ImageError.unsupported(
            .superblock, field: "metabox_nid of a layer", value: try #require(metabox))
        #expect(throws: refusal) {
            _ = try ImageBranch(
                reader, base: ImageBranch.span, channel: server.replies, settings: ServedMount.Settings(), log: { _ in }
            )
        }
    }
}
