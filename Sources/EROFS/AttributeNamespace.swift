// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// The short prefixes of attribute names, by their index on disk.
package enum AttributeNamespace: UInt8, Sendable {
    case user = 1
    case accessControl = 2
    case defaultAccessControl = 3
    case trusted = 4
    case lustre = 5
    case security = 6

    /// How names of the namespace start; for access control lists it is the whole name.
    package var prefix: StaticString {
        switch self {
        case .user: "user."
        case .accessControl: "system.posix_acl_access"
        case .defaultAccessControl: "system.posix_acl_default"
        case .trusted: "trusted."
        case .lustre: "lustre."
        case .security: "security."
        }
    }

    /// Whether Linux answers for the namespace at all.
    package var isVisible: Bool { self != .lustre }

    /// The visible namespace whose names start with this byte, "system." apart.
    private static func starting(with byte: UInt8) -> AttributeNamespace? {
        switch byte {
        case UInt8(ascii: "u"): .user
        case UInt8(ascii: "t"): .trusted
        case UInt8(ascii: "s"): .security
        default: nil
        }
    }

    /// What follows the namespace's prefix in `name`; nil if that starts otherwise.
    @inline(__always)
    private func rest(of name: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        let length = prefix.utf8CodeUnitCount
        guard name.count >= length, let start = name.baseAddress, memcmp(start, prefix.utf8Start, length) == 0 else {
            return nil
        }
        return UnsafeRawBufferPointer(rebasing: name[length...])
    }

    /// Splits `name` into a namespace and the rest; nil for a name of no visible namespace.
    static func split(_ name: UnsafeRawBufferPointer) -> (namespace: AttributeNamespace, rest: UnsafeRawBufferPointer)?
    {
        guard let first = name.first, let namespace = starting(with: first) else { return nil }
        if let rest = namespace.rest(of: name) { return rest.isEmpty ? nil : (namespace, rest) }
        if let rest = Self.accessControl.rest(of: name), rest.isEmpty { return (.accessControl, rest) }
        if let rest = Self.defaultAccessControl.rest(of: name), rest.isEmpty { return (.defaultAccessControl, rest) }
        return nil
    }
}

/// An attribute's name in its pieces; valid as long as the image.
package struct AttributeName {
    /// The namespace, whose prefix the name starts with.
    package let namespace: AttributeNamespace
    /// What a long prefix adds to that; mostly empty.
    package let infix: UnsafeRawBufferPointer
    /// The end of the name.
    package let suffix: UnsafeRawBufferPointer

    /// Bytes of the whole name, without a terminating NUL.
    package var count: Int { namespace.prefix.utf8CodeUnitCount + infix.count + suffix.count }

    /// Writes the name to the start of `target`, which has room for ``count`` bytes at least.
    package func copy(to target: UnsafeMutableRawBufferPointer) {
        guard target.count >= count else { return }
        let prefix = UnsafeRawBufferPointer(
            start: namespace.prefix.utf8Start, count: namespace.prefix.utf8CodeUnitCount)
        let afterPrefix = UnsafeMutableRawBufferPointer(rebasing: target[prefix.count...])
        let afterInfix = UnsafeMutableRawBufferPointer(rebasing: afterPrefix[infix.count...])
        target.copyMemory(from: prefix)
        afterPrefix.copyMemory(from: infix)
        afterInfix.copyMemory(from: suffix)
    }
}
