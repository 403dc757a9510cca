// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Digests
import Fscache
import Primitives
import TestSupport
import Testing

@Suite struct WholeCheckTests {
    private static let size: UInt64 = 300_000

    private func open(
        _ name: String, _ source: HeldSource, in directory: TemporaryDirectory, _ reports: Locked<[FetchReport]>
    )
        throws -> Blob
    {
        try Blob.open(
            name, in: try Cache(directory: directory.path).volume("erofs,test"), sources: [source],
            settings: FetchSettings(), checksName: true
        ) { report in reports.withLock { $0.append(report) } }
    }

    @Test func aBlobWithItsDigestIsVerifiedOnce() throws {
        let directory = try TemporaryDirectory()
        let content = (0..<WholeCheckTests.size).map { HeldSource.byte(at: $0) }
        let name = content.withUnsafeBytes { Digest(.sha256, of: $0).hex }
        let source = HeldSource(size: WholeCheckTests.size)
        let reports = Locked<[FetchReport]>([])
        let blob = try open(name, source, in: directory, reports)
        _ = blob.ensure(0..<WholeCheckTests.size - 1) { #expect($0 == nil) }
        try eventually("the check") { blob.cookie.isVerified }
        #expect(reports.withLock { $0.isEmpty })
        // The next one finds it noted.
        #expect(try open(name, source, in: directory, reports).cookie.isVerified)
    }

    @Test func aBlobThatIsWrongTwiceIsNotServed() throws {
        let directory = try TemporaryDirectory()
        let source = HeldSource(size: WholeCheckTests.size)
        let reports = Locked<[FetchReport]>([])
        let blob = try open(String(repeating: "0a", count: 32), source, in: directory, reports)
        _ = blob.ensure(0..<WholeCheckTests.size) { #expect($0 == nil) }
        try eventually("both checks") { reports.withLock { $0.count } == 2 }
        let copy = "\(directory.path)/quarantine/Ierofs,test/" + (blob.cookie.path.split(separator: "/").last ?? "")
        #expect(reports.withLock { $0 }.allSatisfy { $0 == .quarantined(blob: blob.name, copy: copy) })
        #expect(try bytes(ofFile: copy) == (0..<WholeCheckTests.size).map { HeldSource.byte(at: $0) })
        let error = Locked<FetchError?>(nil)
        try eventually("the refusal") {
            _ = blob.ensure(0..<1) { found in error.withLock { $0 = found } }
            guard case .digestMismatch = error.withLock({ $0 }) else { return false }
            return true
        }
        #expect(blob.cookie.presentBytes == 0)
    }
}
