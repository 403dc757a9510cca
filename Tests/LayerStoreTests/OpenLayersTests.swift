// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import ImageMount
import ImageReader
import Primitives
import TestSupport
import Testing

@testable import LayerStore

/// How layers are opened, with the test in the place of the serving thread.
@Suite struct OpenLayersTests {
    /// Counts answers.
    private final class Answers: ReplyChannel {
        let isQuiet = true
        private let errors = Locked<[UInt64: Int32]>([:])

        func send(_ message: UnsafeRawBufferPointer) {
            let unique = message.loadUnaligned(fromByteOffset: 8, as: UInt64.self)
            errors.withLock { $0[unique] = -message.loadUnaligned(fromByteOffset: 4, as: Int32.self) }
        }

        func error(of unique: UInt64) -> Int32? { errors.withLock { $0[unique] } }
    }

    /// Asks for the attributes of the root of slot 0.
    private func ask(_ layers: OpenLayers, unique: UInt64) throws {
        var bytes = [UInt8](repeating: 0, count: 56)
        bytes.withUnsafeMutableBytes { bytes in
            bytes.storeBytes(of: 56, toByteOffset: 0, as: UInt32.self)
            bytes.storeBytes(of: Opcode.getattr.rawValue, toByteOffset: 4, as: UInt32.self)
            bytes.storeBytes(of: unique, toByteOffset: 8, as: UInt64.self)
            bytes.storeBytes(of: ImageBranch.span + 1, toByteOffset: 16, as: UInt64.self)
        }
        _ = try bytes.withUnsafeBytes { bytes in layers.wait(0, try #require(Request(bytes))) }
    }

    @Test func whoComesWhenALayerHasJustBeenOpenedIsAnsweredByIt() throws {
        let answers = Answers()
        let pool = WorkerPool(limit: 2)
        let opened = Locked(0)
        let path = PackageFiles.root + "/Tests/EROFSTests/Fixtures/plain.erofs"
        let layers = OpenLayers(channel: answers, pool: pool) { _ in
            opened.withLock { $0 += 1 }
            guard let file = try? LocalFile(path: path), let bootstrap = try? Bootstrap(.file(file)),
                let reader = try? ImageReader(bootstrap, devices: [])
            else { return nil }
            return try? ImageBranch(
                reader, base: ImageBranch.span, channel: answers, settings: ServedMount.Settings(), log: { _ in })
        }
        defer {
            pool.stop()
            layers.stop()
        }
        for unique in [7, 8] as [UInt64] {
            try ask(layers, unique: unique)
            try eventually("an answer") { answers.error(of: unique) != nil }
            #expect(answers.error(of: unique) == 0)
        }
        #expect(opened.withLock { $0 } == 1)
    }
}
