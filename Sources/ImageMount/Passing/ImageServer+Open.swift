// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS
import FUSE
import Glibc
import ImageReader
import Primitives

// Opening and closing, which comes here only where files may be passed through to the kernel.
extension ImageServer {
    /// Opens a file, at once unless the kernel is to be given one for it.
    func open(_ question: Question, into reply: ReplyBuffer, _ tally: Tally, _ channel: any ReplyChannel) -> Outcome {
        // Remembered by the kernel, which opens and closes by itself from then on.
        guard let passing, passing.files.isOn else { return .fail(ENOSYS) }
        guard question.mode & UInt32(O_ACCMODE) == O_RDONLY else { return .fail(Glibc.EROFS) }
        do throws(ReadError) {
            guard let file = try openAtOnce(question.nid, passing) else {
                handOver(park(question, Question.noName, channel))
                return .later
            }
            reply.append(file)
            return .reply
        } catch {
            return failed(question, Question.noName, error, tally, channel)
        }
    }

    /// A file is closed.
    func close(_ request: Request, _ nid: NodeID) -> Outcome {
        guard let passing else { return .fail(ENOSYS) }
        if request.releasedHandle == PassedFiles.handle, let dropped = passing.files.close(nid) {
            // At the end of the mount nobody takes it, and the kernel forgets all.
            _ = pool.run(.early) { _ in passing.files.forget(dropped) }
        }
        return .reply
    }

    /// Runs on a worker.
    func openLater(_ request: ParkedRequest, _ reply: ReplyBuffer) {
        guard let passing else { return }
        let nid = request.question.nid
        do throws(ReadError) {
            let inode = try answerer.reader.inode(nid)
            let isLarge = PassedFiles.isLarge(inode)
            let removals = passing.copies.removals
            let copy = isLarge && passing.files.isFree(nid) ? passing.copy(of: inode) : nil
            // What is opened is counted, so it has to be told: from here on nobody else may answer.
            guard let pending = lot.claim(request) else { return }
            if isLarge {
                reply.append(ImageServer.opened(passing.files.open(nid, from: copy, removals: removals)))
            } else {
                reply.append(.asked(handle: 0))
            }
            pending.succeed(reply)
        } catch {
            goOn(request, after: error)
        }
    }

    /// Nil for a file that may be passed, and that nobody has open.
    private func openAtOnce(_ nid: NodeID, _ passing: Passing) throws(ReadError) -> OpenedFile? {
        let inode = try answerer.reader.inode(nid)
        guard PassedFiles.isLarge(inode) else { return .asked(handle: 0) }
        let way = passing.files.open(nid, removals: passing.copies.removals)
        return way == .free ? nil : ImageServer.opened(way)
    }

    private static func opened(_ way: PassedFiles.Way) -> OpenedFile {
        if case .passed(let id) = way { return .passed(id, handle: PassedFiles.handle) }
        return .asked(handle: PassedFiles.handle)
    }
}

/// What a mount needs to give files to the kernel.
struct Passing: Sendable {
    let files: PassedFiles
    let copies: PrivateCopies

    /// Nil for a file that is to be asked for.
    func copy(of inode: Inode) -> Descriptor? {
        do throws(PrivateCopyError) {
            return try copies.copy(of: inode)
        } catch {
            if error.isLasting { files.noteUnsuited(inode.nid) }
            return nil
        }
    }
}
