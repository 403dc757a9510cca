// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// A pipe through which pages of a file go to the kernel as a reply, without being copied into this process before.
///
/// Holds one whole reply or nothing. For one thread.
final class ReplyPipe {
    /// Bytes of the largest pipe: an ordinary user may have no larger one by default.
    private static let largest = 1 << 20

    private var ends: (read: Int32, write: Int32) = (-1, -1)
    /// Bytes of payload that fit into the pipe: each slot takes at most a page, and one is the header's.
    private var room = 0
    /// Bytes of payload that would fit in if it were as large as it can be, as far as is known.
    private(set) var limit = ReplyPipe.largest - MemoryPages.size
    /// Bytes of the reply that lies in the pipe.
    private var count = 0

    deinit { close() }

    /// Puts the reply to `unique` in: `count` bytes of the file from `offset` on, which begin on a page.
    ///
    /// - Returns: False when that cannot be; then the pipe is empty.
    func fill(_ count: Int, of file: Int32, at offset: Int64, to unique: UInt64) -> Bool {
        guard self.count == 0, count > 0, offset & Int64(MemoryPages.size - 1) == 0, hasRoom(for: count) else {
            return false
        }
        let length = ReplyBuffer.headerSize + count
        guard putHeader(UInt32(length), unique), putPages(count, of: file, at: offset) else {
            clear()
            return false
        }
        self.count = length
        return true
    }

    /// Sends what is in to the device of a session.
    ///
    /// - Returns: False when the kernel did not take it, for whatever reason.
    func send(to device: Int32) -> Bool {
        let length = count
        count = 0
        var sent = 0
        repeat { sent = clinux_splice(ends.read, -1, device, length, 0) } while sent < 0 && errno == EINTR
        if sent == length { return true }
        let isGivenUp = sent < 0 && errno == ENOENT
        // Who knows how much of it is still in.
        close()
        return isGivenUp
    }

    /// Throws away what was put in.
    func clear() {
        count = 0
        close()
    }

    /// Sees to it that so many bytes of payload fit in, if that can be.
    ///
    /// The pipe is no larger than needed: all of a user's count against what he may have. Who has too many gets small ones.
    private func hasRoom(for count: Int) -> Bool {
        guard count > room else { return true }
        guard count <= limit, isOpen() else { return false }
        let wanted = Int32(clamping: count + MemoryPages.size)
        room = Int(clinux_set_pipe_size(ends.write, wanted)) - MemoryPages.size
        if count > room { limit = max(0, room) }
        return count <= room
    }

    private func isOpen() -> Bool {
        guard ends.read < 0 else { return true }
        var pair: [Int32] = [-1, -1]
        guard clinux_pipe2(&pair, O_CLOEXEC | O_NONBLOCK) == 0 else { return false }
        ends = (pair[0], pair[1])
        return true
    }

    private func close() {
        guard ends.read >= 0 else { return }
        Glibc.close(ends.read)
        Glibc.close(ends.write)
        ends = (-1, -1)
        room = 0
    }

    private func putHeader(_ length: UInt32, _ unique: UInt64) -> Bool {
        var header = (length: length, error: Int32(0), unique: unique)
        return write(ends.write, &header, ReplyBuffer.headerSize) == ReplyBuffer.headerSize
    }

    private func putPages(_ count: Int, of file: Int32, at offset: Int64) -> Bool {
        var done = 0
        while done < count {
            let moved = clinux_splice(file, offset + Int64(done), ends.write, count - done, clinux_splice_f_nonblock)
            if moved < 0, errno == EINTR { continue }
            guard moved > 0 else { return false }
            done += moved
        }
        return true
    }
}
