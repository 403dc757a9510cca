// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache

/// What the cache may take of the disk.
struct CacheSettings: Sendable, Equatable {
    var limits = CacheLimits()
    /// Whether what a mount uses stays as long as it is mounted.
    var pins = false
}

// The limits of the cache, by the names of Linux's cachefiles.
extension ImageSettings {
    /// Bytes that a limit may have: less than this would not hold what a few readers wait for.
    static let maxBytes: ClosedRange<UInt64> = 1 << 20...1 << 60

    /// Takes one of these settings.
    ///
    /// - Returns: False for any other.
    mutating func takeCache(_ name: String, _ value: String?) throws(UsageError) -> Bool {
        switch name {
        case "max-bytes": cache.limits.maxBytes = try number(name, value, ImageSettings.maxBytes)
        case "pin": cache.pins = try truth(name, value)
        case "brun", "bcull", "bstop":
            try set(name, value, in: &cache.limits.blocks)
        case "frun", "fcull", "fstop":
            try set(name, value, in: &cache.limits.files)
        default: return false
        }
        return true
    }

    /// Opens the cache, making its directory when it is not there.
    func openCache() throws -> Cache {
        let directory = try Environment.cacheDirectory(unless: cacheDirectory)
        return try Cache(directory: directory, policy: sync, limits: cache.limits, pins: cache.pins)
    }

    /// Refuses shares that are not ordered as Linux wants them.
    func checkCache() throws(UsageError) {
        for (letter, shares) in [("b", cache.limits.blocks), ("f", cache.limits.files)] {
            guard let shares, !shares.isValid else { continue }
            throw .badValue(
                "\(letter)cull", text: "\(shares.cull)",
                wanted: "above \(letter)stop (\(shares.stop)) and below \(letter)run (\(shares.run)), below 100")
        }
    }

    private func set(_ name: String, _ value: String?, in shares: inout FreeShares?) throws(UsageError) {
        let text = try text(name, value)
        guard let percent = UInt64(text.hasSuffix("%") ? String(text.dropLast()) : text), percent < 100 else {
            throw .badValue(name, text: text, wanted: "a percentage below 100")
        }
        var result = shares ?? .kernel
        switch name.dropFirst() {
        case "run": result.run = percent
        case "cull": result.cull = percent
        default: result.stop = percent
        }
        shares = result
    }
}
