// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Fscache

/// Trimming by whole objects: where blocks inside a file cannot be given back, and where inodes are wanted.
@Suite struct TrimmerTests {
    private let directory: TemporaryDirectory
    private let cache: Cache

    init() throws {
        directory = try TemporaryDirectory()
        cache = try Cache(directory: directory.path, policy: .none)
    }

    /// A cookie with 64 KiB in it.
    private func filled(_ key: String) throws -> Cookie {
        let cookie = try cache.volume("erofs,test").cookie(key, size: 1 << 20)
        try [UInt8](repeating: 1, count: 65_536).withUnsafeBytes { try cookie.store($0, at: 0) }
        return cookie
    }

    private func trim(_ need: Trimmer.Need, punchesHoles: Bool) -> Trimmer.Outcome? {
        var traits = cache.traits
        traits.punchesHoles = punchesHoles
        let trimmer = Trimmer(directory: directory.path, traits: traits, ledger: cache.budget.ledger)
        return trimmer.run(sparing: 0) { _ in need }
    }

    private func exists(_ path: String) -> Bool { access(path, F_OK) == 0 }

    @Test(arguments: [Trimmer.Need(bytes: 1), Trimmer.Need(files: 1), Trimmer.Need(files: 2)])
    func theColdestObjectThatNobodyUsesGoes(need: Trimmer.Need) throws {
        let used = try filled("used")
        let cold = try filled("cold").path
        let warm = try filled("warm").path
        let outcome = try #require(trim(need, punchesHoles: false))
        #expect(outcome.freed >= 65_536)
        #expect(!exists(cold) && !exists(StoredObject.mapPath(of: cold)))
        #expect(exists(warm))
        #expect(used.isPresent(0..<65_536))
    }

    @Test func whatIsInUseStaysWhereItCannotBePunched() throws {
        let used = try filled("used")
        #expect(trim(Trimmer.Need(bytes: 1 << 30), punchesHoles: false)?.freed == 0)
        #expect(used.isPresent(0..<65_536))
        #expect(throws: CacheError.inUse(used.path)) { try StoredObject.unlink(used.path) }
    }

    @Test func theLedgerIsSetRight() throws {
        _ = try filled("one")
        cache.budget.ledger.add(1 << 40)
        let outcome = try #require(trim(Trimmer.Need(), punchesHoles: true))
        #expect(outcome.freed == 0)
        #expect(cache.takenBytes == outcome.left)
        #expect(outcome.left == CacheSurvey(directory.path).bytes)
    }

    @Test func keysAreReadBackFromNames() {
        for key in [
            "blob1.img", "a b", "dir/blob", "caf\u{E9}", "sha256:00", "a b ", "\u{E9}", " ",
            String(repeating: "x/", count: 60),
        ] {
            let bytes = Array(key.utf8)
            #expect(CookieName.key(of: CookieName.name(for: bytes)) == bytes)
        }
        for bytes in [[0, 0, 0, 1], [1], Array(repeating: 0, count: 20) + [7, 0, 0, 9]] as [[UInt8]] {
            #expect(CookieName.key(of: CookieName.name(for: bytes)) == bytes)
        }
        // How many zeroes a key ends with, a name in hexadecimal does not tell: there are none.
        #expect(CookieName.key(of: CookieName.name(for: [1, 0, 0, 0])) == [1])
        for name in [
            "", "D", "E", "E0", "E9abcd", "E0abc", "S", "T", "S,", "Sxyz", "S123456789", "T+1", "S41424344", "Mblob",
            "E2____",
        ] {
            #expect(CookieName.key(of: name) == nil, "\(name)")
        }
    }

    @Test func theKernelsSharesSayWhatIsMissing() {
        let shares = FreeShares.kernel
        #expect(shares.state(free: 10, total: 10_000) == (true, true, 690))
        #expect(shares.state(free: 499, total: 10_000) == (false, true, 201))
        #expect(shares.state(free: 600, total: 10_000) == (false, false, 100))
        #expect(shares.state(free: 0, total: 0) == (false, false, 0))
    }
}
