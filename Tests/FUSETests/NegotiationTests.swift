// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import FUSE

/// What is added to libfuse's answer to INIT.
@Suite struct NegotiationTests {
    /// INIT with flags in both words (`struct fuse_init_in`).
    private func request(first: UInt32, second: UInt32, size: Int = 64) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: 40 + size)
        func put(_ value: UInt32, _ offset: Int) {
            withUnsafeBytes(of: value) { bytes.replaceSubrange(offset..<offset + 4, with: $0) }
        }
        put(UInt32(bytes.count), 0)
        put(Opcode.initialize.rawValue, 4)
        put(first, 52)
        if size >= 20 { put(second, 56) }
        return bytes
    }

    /// What becomes of an answer of `size` bytes with some flags in it.
    private func answer(to request: [UInt8], _ negotiation: Negotiation, size: Int = 64) -> (UInt32, UInt32) {
        request.withUnsafeBytes { if let request = Request($0) { negotiation.begin(request) } }
        var bytes = [UInt8](repeating: 0, count: max(size, 36))
        bytes[12] = 3
        bytes.withUnsafeMutableBytes { negotiation.amend(UnsafeMutableRawBufferPointer(rebasing: $0[..<size])) }
        return bytes.withUnsafeBytes {
            (
                $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self),
                $0.loadUnaligned(fromByteOffset: 32, as: UInt32.self)
            )
        }
    }

    @Test func idmappedMountsAreAgreedOnWhenOffered() {
        let negotiation = Negotiation(Switches(), mayBeIDMapped: true)
        #expect(answer(to: request(first: 1 << 30, second: 1 << 8), negotiation) == (1 << 30 | 3, 1 << 8))
        #expect(negotiation.agreed.withLock { $0.capabilities } == ["ALLOW_IDMAP"])
    }

    /// The later answer is that to DESTROY, or to nothing at all.
    @Test func onlyTheFirstAnswerIsAmended() {
        let negotiation = Negotiation(Switches(), mayBeIDMapped: true)
        _ = answer(to: request(first: 1 << 30, second: 1 << 8), negotiation)
        var bytes = [UInt8](repeating: 0, count: 64)
        bytes.withUnsafeMutableBytes { negotiation.amend($0) }
        #expect(bytes.allSatisfy { $0 == 0 })
    }

    @Test func whatIsNotOfferedIsNotAgreedOn() {
        let negotiation = Negotiation(Switches(), mayBeIDMapped: true)
        // Without the flag that says so, the second word is no word of flags.
        #expect(answer(to: request(first: 0, second: 1 << 8), negotiation) == (3, 0))
        #expect(answer(to: request(first: 1 << 30, second: 1 << 7), negotiation) == (3, 0))
        #expect(answer(to: request(first: 1 << 30, second: 0, size: 16), negotiation) == (3, 0))
        #expect(answer(to: request(first: 1 << 30, second: 1 << 8), negotiation, size: 24) == (3, 0))
        #expect(negotiation.agreed.withLock { $0.capabilities }.isEmpty)
    }

    @Test func itIsNotAskedForWhereTheKernelWouldFailTheMount() {
        var switches = Switches()
        #expect(
            answer(to: request(first: 1 << 30, second: 1 << 8), Negotiation(switches, mayBeIDMapped: false)) == (3, 0))
        switches.idmappedMounts = false
        #expect(
            answer(to: request(first: 1 << 30, second: 1 << 8), Negotiation(switches, mayBeIDMapped: true)) == (3, 0))
    }
}
