// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import Primitives
import TestSupport
import Testing

@testable import ImageMount

/// How files are opened that the kernel may read by itself.
@Suite struct PassedFilesTests {
    /// The kernel's side.
    private final class Kernel: BackingFiles {
        let backingRefusal: SystemError?
        private let limit: Int32
        private let ids = Locked<(last: Int32, closed: [BackingID])>((0, []))

        init(refusal: SystemError? = nil, limit: Int32 = .max) {
            backingRefusal = refusal
            self.limit = limit
        }

        func openBacking(_ file: Descriptor) throws(SystemError) -> BackingID {
            let id = ids.withLock { ids in
                ids.last += 1
                return ids.last
            }
            guard id <= limit else { throw SystemError("FUSE_DEV_IOC_BACKING_OPEN", code: EPERM) }
            return BackingID(rawValue: id)
        }

        func closeBacking(_ id: BackingID) { ids.withLock { $0.closed.append(id) } }

        var closed: [BackingID] { ids.withLock { $0.closed } }
    }

    private let log = Lines()

    private final class Lines: Sendable {
        private let lines = Locked<[String]>([])
        var all: [String] { lines.withLock { $0 } }
        func add(_ line: String) { lines.withLock { $0.append(line) } }
    }

    private func files(_ kernel: Kernel) throws -> PassedFiles {
        let result = PassedFiles(kernel, log: { [log] in log.add($0) })
        try #require(result.isOn)
        return result
    }

    private func copy() throws -> Descriptor { try Descriptor.open("/dev/null", O_RDONLY) }

    private func nid(_ value: UInt64) -> NodeID { NodeID(rawValue: value) }

    private func id(_ value: Int32) -> BackingID { BackingID(rawValue: value) }

    @Test func allWhoHaveAFileOpenHaveItInTheSameWay() throws {
        let kernel = Kernel()
        let files = try files(kernel)
        #expect(files.open(nid(1), removals: 0) == .free)
        // Its bytes are not there yet.
        #expect(files.open(nid(1), from: nil, removals: 0) == .asked)
        #expect(files.open(nid(1), removals: 0) == .asked)
        let copy = try copy()
        // Who made a copy meanwhile comes too late with it.
        #expect(files.open(nid(1), from: copy, removals: 0) == .asked)
        #expect(kernel.closed == [id(1)])
        for _ in 0..<3 { _ = files.close(nid(1)) }
        #expect(files.open(nid(1), removals: 0) == .free)
        #expect(files.open(nid(1), from: copy, removals: 0) == .passed(id(2)))
        #expect(files.open(nid(1), removals: 0) == .passed(id(2)))
        #expect(files.count == 1)
    }

    @Test func aFileStaysForWhoOpensItAgain() throws {
        let kernel = Kernel()
        let files = try files(kernel)
        #expect(files.open(nid(1), from: try copy(), removals: 0) == .passed(id(1)))
        _ = files.close(nid(1))
        #expect(files.open(nid(1), removals: 0) == .passed(id(1)))
        #expect(kernel.closed.isEmpty)
    }

    /// What is taken out of a cache may have been wrong; who has the file open must keep it all the same.
    @Test func aCopyMadeBeforeBytesWereTakenOutServesNobodyNew() throws {
        let kernel = Kernel()
        let files = try files(kernel)
        #expect(files.open(nid(1), from: try copy(), removals: 3) == .passed(id(1)))
        #expect(files.open(nid(1), removals: 4) == .passed(id(1)))
        for _ in 0..<2 { #expect(files.close(nid(1)) == nil) }
        #expect(files.open(nid(1), removals: 4) == .free)
        #expect(kernel.closed == [id(1)])
        #expect(files.open(nid(1), from: try copy(), removals: 4) == .passed(id(2)))
        #expect(files.close(nid(1)) == nil)
        #expect(files.open(nid(1), removals: 4) == .passed(id(2)))
    }

    @Test func aFileIsFreeAsLongAsNobodyHasItOpen() throws {
        let files = try files(Kernel())
        #expect(files.isFree(nid(1)))
        _ = files.open(nid(1), from: nil, removals: 0)
        #expect(!files.isFree(nid(1)))
        files.noteUnsuited(nid(2))
        #expect(!files.isFree(nid(2)))
    }

    @Test func ofFilesThatNobodyHasOpenTheLastOnesStay() throws {
        let kernel = Kernel()
        let files = try files(kernel)
        let copy = try copy()
        let most = UInt64(PassedFiles.mostIdle)
        for number in 1...most + 2 { _ = files.open(nid(number), from: copy, removals: 0) }
        let dropped = (1...most + 2).reversed().filter { $0 != 5 }.compactMap { files.close(nid($0)) }
        #expect(dropped == [id(Int32(most) + 2)])
        for id in dropped { files.forget(id) }
        #expect(kernel.closed == dropped)
        // It was never closed, so it does not count.
        #expect(files.open(nid(5), removals: 0) == .passed(id(5)))
        #expect(files.open(nid(most + 2), removals: 0) == .free)
        #expect(files.count == Int(most) + 1)
    }

    @Test func closingMoreOftenThanOpeningIsNothing() throws {
        let kernel = Kernel()
        let files = try files(kernel)
        _ = files.close(nid(9))
        _ = files.open(nid(1), from: try copy(), removals: 0)
        for _ in 0..<3 { _ = files.close(nid(1)) }
        #expect(files.open(nid(1), removals: 0) == .passed(id(1)))
        _ = files.close(nid(1))
        #expect(files.open(nid(1), removals: 0) == .passed(id(1)))
    }

    @Test func whereTheKernelTakesNoFilesItOpensByItself() {
        let kernel = Kernel(refusal: SystemError("FUSE_DEV_IOC_BACKING_OPEN", code: EPERM))
        let files = PassedFiles(kernel, log: { [log] in log.add($0) })
        #expect(!files.isOn)
        #expect(!files.isOn)
        #expect(log.all.count == 1)
        #expect(log.all.first?.contains("FUSE_DEV_IOC_BACKING_OPEN: Operation not permitted") == true)
    }

    /// The kernel may not open by itself what others have from a file of its own.
    @Test func afterAFailureTheFilesThatArePassedStayIt() throws {
        let kernel = Kernel(limit: 1)
        let files = try files(kernel)
        #expect(files.open(nid(1), from: try copy(), removals: 0) == .passed(id(1)))
        #expect(files.open(nid(2), from: try copy(), removals: 0) == .asked)
        #expect(log.all.count == 1)
        #expect(files.isOn)
        #expect(files.open(nid(1), removals: 0) == .passed(id(1)))
        #expect(files.open(nid(3), removals: 0) == .asked)
        let lonely = try self.files(Kernel(limit: 0))
        #expect(lonely.open(nid(2), from: try copy(), removals: 0) == .asked)
        _ = lonely.close(nid(2))
        #expect(!lonely.isOn)
    }

    @Test func whatIsUnsuitedIsNotTriedAgain() throws {
        let files = try files(Kernel())
        files.noteUnsuited(nid(1))
        #expect(files.open(nid(1), removals: 0) == .asked)
        #expect(files.open(nid(2), removals: 0) == .free)
    }
}
