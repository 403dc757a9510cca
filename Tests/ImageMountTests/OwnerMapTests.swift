// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Testing

@testable import ImageMount

@Suite struct OwnerMapTests {
    @Test(
        arguments: [
            ("0:100000:65536", true), ("0:0:4294967295", true), ("4294967294:5:1", true), ("0:1:4294967295", false),
            ("4294967294:5:2", false), ("0:0:0", false), ("0:0", false), ("0:0:1:2", false), ("-1:0:1", false),
            ("a:0:1", false), ("", false), ("::", false),
        ])
    func rangesAreRead(text: String, isRange: Bool) {
        #expect((IDRange(text) != nil) == isRange)
    }

    private func ranges(_ texts: String...) throws -> IDRanges {
        var result = IDRanges()
        for text in texts { #expect(result.add(try #require(IDRange(text)))) }
        return result
    }

    @Test func idsAreMappedByTheirRange() throws {
        let map = try ranges("1000:7:1", "0:100000:1000", "4294967000:0:295")
        let shown: [(UInt32, UInt32)] = [
            (0, 100_000), (999, 100_999), (1000, 7), (1001, 65_534), (4_294_966_999, 65_534), (4_294_967_000, 0),
            (4_294_967_294, 294), (.max, 65_534),
        ]
        for (id, target) in shown { #expect(map.mapped(id) == target, "\(id)") }
    }

    @Test func withoutRangesEveryIDStays() {
        for id: UInt32 in [0, 65_534, .max] { #expect(IDRanges().mapped(id) == id) }
        #expect(OwnerMap().isIdentity)
    }

    @Test(arguments: ["10:0:1", "5:0:6", "19:0:100", "0:0:4294967295", "12:0:2"])
    func overlapsAreRefused(text: String) throws {
        var map = try ranges("10:50:10", "200:0:1")
        let before = map
        #expect(!map.add(try #require(IDRange(text))))
        #expect(map == before)
    }

    @Test func rangesMayTouchAndAreLimited() throws {
        var map = try ranges("10:50:10")
        #expect(map.add(try #require(IDRange("20:0:1"))))
        #expect(map.add(try #require(IDRange("9:0:1"))))
        for number in 3..<IDRanges.limit { #expect(map.add(try #require(IDRange("\(number * 100):0:1")))) }
        #expect(!map.add(try #require(IDRange("99999:0:1"))))
    }

    @Test func ownersAreChangedAndNothingElse() throws {
        var owners = OwnerMap()
        owners.users = try ranges("0:1000:1")
        var attributes = Attributes()
        attributes.groupID = 3
        attributes.mode = 0o100644
        owners.apply(to: &attributes)
        #expect(attributes.userID == 1000)
        #expect(attributes.groupID == 3)
        #expect(attributes.mode == 0o100644)
        owners.squashesToRoot = true
        attributes.userID = 5
        owners.apply(to: &attributes)
        #expect(attributes.userID == 0)
        #expect(attributes.groupID == 0)
    }

    @Test func accessControlListsAreMapped() throws {
        var owners = OwnerMap()
        owners.users = try ranges("7:70:1")
        owners.groups = try ranges("7:77:1")
        func list(_ user: UInt8, _ group: UInt8) -> [UInt8] {
            let none: [UInt8] = [255, 255, 255, 255]
            return [2, 0, 0, 0] + [1, 0, 6, 0] + none + [2, 0, 7, 0, user, 0, 0, 0] + [8, 0, 4, 0, group, 0, 0, 0]
        }
        var value = list(7, 7)
        value.withUnsafeMutableBytes { owners.apply(toList: $0) }
        #expect(value == list(70, 77))
        for odd: [UInt8] in [
            [], [2], [2, 0, 0, 0], [2, 0, 0, 0, 2, 0, 7, 0, 7], [3, 0, 0, 0, 2, 0, 7, 0, 7, 0, 0, 0],
        ] {
            var same = odd
            same.withUnsafeMutableBytes { owners.apply(toList: $0) }
            #expect(same == odd)
        }
    }
}
