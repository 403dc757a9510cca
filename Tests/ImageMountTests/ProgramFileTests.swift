// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import FUSE
import Testing

@testable import ImageMount

@Suite(.serialized) struct ProgramFileTests {
    private let node = TinyImage.big + 1

    private func source(isProgram: Bool) -> HeldSource {
        var image = TinyImage()
        if isProgram { image.makeProgram() }
        return HeldSource(image.bytes, heldFrom: UInt64(TinyImage.bigOffset))
    }

    /// Reads the first block of `big`, of which the second is then there or not.
    private func firstRead(_ source: HeldSource, readAhead: UInt64) throws -> Server {
        let server = try Server(source, readAhead: readAhead)
        #expect(server.ask(.read, node: node, Server.range(0, 4096)) == .later)
        #expect(source.answerHeld(.deliver) == 1)
        #expect(server.replies.wait(for: 1).first?.error == 0)
        return server
    }

    @Test func theRestOfAProgramComesWithoutBeingAskedFor() throws {
        let source = source(isProgram: true)
        let server = try firstRead(source, readAhead: 8 << 20)
        #expect(source.answerHeld(.deliver) == 1)
        // A read joins the fetch or finds its bytes; nothing else is asked of the source.
        #expect(server.settle(.read, node: node, Server.range(4096, 4096)).payload.count == TinyImage.bigSize - 4096)
        #expect(!source.hasHeld)
    }

    @Test(arguments: [(true, 0), (false, 8 << 20)])
    func otherFilesAndMountsThatFetchNothingAheadAreLeftAlone(isProgram: Bool, readAhead: UInt64) throws {
        let source = source(isProgram: isProgram)
        let server = try firstRead(source, readAhead: readAhead)
        #expect(server.ask(.read, node: node, Server.range(4096, 4096)) == .later)
        #expect(source.answerHeld(.deliver) == 1)
        #expect(server.replies.wait(for: 2).last?.payload.count == TinyImage.bigSize - 4096)
    }
}
