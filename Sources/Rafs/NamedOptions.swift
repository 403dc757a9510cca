// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A set of bits whose members have names in the format's description.
package protocol NamedOptions: OptionSet {
    /// The members with their names, in the order in which they are shown.
    static var named: [(member: Self, name: String)] { get }
}

extension NamedOptions where Element == Self {
    /// The names of the members that the set has.
    package var names: [String] { Self.named.filter { contains($0.member) }.map(\.name) }
}
