// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import FUSE

/// What is added to libfuse's answer to INIT.
@Suite struct NegotiationTests {
    /// INIT with flags in both words (`struct fuse_init_in`).
    private static func request(first: UInt32, second: UInt32, size: Int = 64) -> [UInt8] {
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

    private func request(first: UInt32, second: UInt32, size: Int = 64) -> [UInt8] {
        NegotiationTests.request(first: first, second: second, size: size)
    }

    /// What becomes of an answer of `size` bytes with some flags in it.
    private func answer(
        to request: [UInt8], _ negotiation: Negotiation, size: Int = 64, maxWrite: UInt32 = 1 << 20,
        preparingRings prepareRings: () -> Bool = { false }
    ) -> (UInt32, UInt32) {
        request.withUnsafeBytes {
            if let request = Request($0) { negotiation.begin(request, preparingRings: prepareRings) }
        }
        var bytes = [UInt8](repeating: 0, count: max(size, 36))
        bytes[12] = 3
        withUnsafeBytes(of: maxWrite) { bytes.replaceSubrange(20..<24, with: $0) }
        bytes.withUnsafeMutableBytes { negotiation.amend(UnsafeMutableRawBufferPointer(rebasing: $0[..<size])) }
        return bytes.withUnsafeBytes {
            (
                $0.loadUnaligned(fromByteOffset: 12, as: UInt32.self),
                $0.loadUnaligned(fromByteOffset: 32, as: UInt32.self)
            )
        }
    }

    @Test func idmappedMountsAreAgreedOnWhenOffered() {
        let negotiation = Negotiation(Switches(), mayBeIDMapped: true, mayUseRings: false)
        #expect(answer(to: request(first: 1 << 30, second: 1 << 8), negotiation) == (1 << 30 | 3, 1 << 8))
        #expect(negotiation.agreed.withLock { $0.capabilities } == ["ALLOW_IDMAP"])
    }

    /// The later answer is that to DESTROY, or to nothing at all.
    @Test func onlyTheFirstAnswerIsAmended() {
        let negotiation = Negotiation(Switches(), mayBeIDMapped: true, mayUseRings: false)
        _ = answer(to: request(first: 1 << 30, second: 1 << 8), negotiation)
        var bytes = [UInt8](repeating: 0, count: 64)
        bytes.withUnsafeMutableBytes { negotiation.amend($0) }
        #expect(bytes.allSatisfy { $0 == 0 })
    }

    @Test func whatIsNotOfferedIsNotAgreedOn() {
        let negotiation = Negotiation(Switches(), mayBeIDMapped: true, mayUseRings: false)
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
            answer(
                to: request(first: 1 << 30, second: 1 << 8),
                Negotiation(switches, mayBeIDMapped: false, mayUseRings: false)) == (3, 0))
        switches.idmappedMounts = false
        #expect(
            answer(
                to: request(first: 1 << 30, second: 1 << 8),
                Negotiation(switches, mayBeIDMapped: true, mayUseRings: false)) == (3, 0))
    }

    @Test func filesArePassedThroughWhenThatIsWantedAndOffered() {
        var wanted = Switches()
        wanted.passthrough = true
        let offer = request(first: 1 << 30, second: 1 << 5)
        let cases = [(Switches(), true, false), (wanted, false, false), (wanted, true, true)]
        for (switches, isOurs, isAgreed) in cases {
            let negotiation = Negotiation(switches, mayBeIDMapped: false, mayUseRings: isOurs)
            offer.withUnsafeBytes {
                if let request = Request($0) { negotiation.begin(request, preparingRings: { false }) }
            }
            var bytes = [UInt8](repeating: 0, count: 64)
            bytes.withUnsafeMutableBytes { negotiation.amend($0) }
            #expect(bytes[32] == (isAgreed ? 1 << 5 : 0))
            // The depth of file systems on file systems; with 0 there is no passthrough.
            #expect(bytes[36] == (isAgreed ? 1 : 0))
            #expect(negotiation.agreed.withLock { $0.passesThrough } == isAgreed)
            #expect(negotiation.agreed.withLock { $0.capabilities } == (isAgreed ? ["PASSTHROUGH"] : []))
        }
    }

    private let rings: [UInt8] = NegotiationTests.request(first: 1 << 30, second: 1 << 9)

    @Test func ringsAreAgreedOnWhenTheyAreOfferedAndReady() {
        let negotiation = Negotiation(Switches(), mayBeIDMapped: false, mayUseRings: true)
        #expect(answer(to: rings, negotiation, preparingRings: { true }) == (1 << 30 | 3, 1 << 9))
        #expect(negotiation.agreed.withLock { $0.usesRings && $0.capabilities == ["OVER_IO_URING"] })
        let unready = Negotiation(Switches(), mayBeIDMapped: false, mayUseRings: true)
        #expect(answer(to: rings, unready, preparingRings: { false }) == (3, 0))
        #expect(!unready.agreed.withLock { $0.usesRings })
    }

    @Test func ringsAreNotEvenMadeWhereTheyMayNotBe() {
        var off = Switches()
        off.ioUring = false
        var made = 0
        func make() -> Bool {
            made += 1
            return true
        }
        let cases: [(Switches, Bool, [UInt8])] = [
            (Switches(), false, rings), (off, true, rings), (Switches(), true, request(first: 1 << 30, second: 0)),
        ]
        for (switches, mayUseRings, request) in cases {
            let negotiation = Negotiation(switches, mayBeIDMapped: false, mayUseRings: mayUseRings)
            #expect(answer(to: request, negotiation, preparingRings: make) == (3, 0))
        }
        #expect(made == 0)
    }

    /// The kernel would refuse memory that is too small for its largest request.
    @Test func ringsHaveRoomForTheLargestRequest() {
        let negotiation = Negotiation(Switches(), mayBeIDMapped: false, mayUseRings: true)
        #expect(answer(to: rings, negotiation, maxWrite: (1 << 20) + 1, preparingRings: { true }) == (3, 0))
        #expect(!negotiation.agreed.withLock { $0.usesRings })
    }
}
