// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// An external filler as a place where blobs come from.
package final class FillerRemote: BlobRemote {
    private let socket: FillerSocket

    /// Blobs come from who connects to `socket`.
    package init(_ socket: FillerSocket) { self.socket = socket }

    /// What it is called.
    package var name: String { "filler" }

    /// The blob with the key `blob`.
    package func source(for blob: String) throws(FetchError) -> any BlobSource {
        FillerSource(cookie: blob, socket, scratch: try socket.scratch(for: blob))
    }
}

/// A blob that an external filler fills.
final class FillerSource: BlobSource {
    private let cookie: String
    private let socket: FillerSocket
    private let scratch: Descriptor

    init(cookie: String, _ socket: FillerSocket, scratch: Descriptor) {
        self.cookie = cookie
        self.socket = socket
        self.scratch = scratch
    }

    var name: String { "filler" }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        if let size = socket.size(of: cookie) { return completion(.success(BlobIdentity(size: size))) }
        socket.ask(.open(number: 0), of: cookie) { result in
            completion(result.map { BlobIdentity(size: $0) }.mapError { FillerSource.error($0) })
        }
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        let handle = CancelFlag()
        target.restart()
        ask(range, identity.size, target, handle, completion)
        return handle
    }

    /// Asks for what is left of a range; a filler may fill it in several steps, each from its start on.
    private func ask(
        _ range: Range<UInt64>, _ size: UInt64, _ target: any FetchTarget, _ handle: CancelFlag,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) {
        socket.ask(.read(range), of: cookie) { [self] result in
            guard !handle.isCancelled else { return completion(.failure(.cancelled)) }
            do throws(FetchError) {
                do throws(FillerFailure) { _ = try result.get() } catch { throw FillerSource.error(error) }
                let end = try filledEnd(of: range, size)
                try copy(range.lowerBound..<end, target)
                if end == range.upperBound { return completion(.success(())) }
                ask(end..<range.upperBound, size, target, handle, completion)
            } catch {
                completion(.failure(error))
            }
        }
    }

    /// How far the filler has filled a range from its start on; whole blocks, or to the blob's end.
    private func filledEnd(of range: Range<UInt64>, _ size: UInt64) throws(FetchError) -> UInt64 {
        let start = Int(range.lowerBound)
        let data = lseek(scratch.raw, start, clinux_seek_data)
        guard data == start else {
            let reason =
                data < 0 || UInt64(data) >= range.upperBound
                ? "it said that it is done, and wrote nothing"
                : "it said that it is done, and wrote only from byte \(data) on"
            throw .badAnswer(source: name, reason: "bytes \(range.lowerBound) to \(range.upperBound): \(reason)")
        }
        let hole = lseek(scratch.raw, start, clinux_seek_hole)
        guard hole > start else { throw .badAnswer(source: name, reason: "its file cannot be read") }
        let end = min(UInt64(hole), range.upperBound)
        // The file ends with what was written: short of a block that is a part of one, except at the blob's end.
        let whole = end == range.upperBound || UInt64(hole) >= size ? end : end / 4096 * 4096
        guard whole > range.lowerBound else {
            throw .badAnswer(source: name, reason: "bytes \(start) to \(hole): less than a block was written")
        }
        return whole
    }

    /// Takes bytes out of the filler's file, and gives their blocks back.
    private func copy(_ range: Range<UInt64>, _ target: any FetchTarget) throws(FetchError) {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        var position = range.lowerBound
        while position < range.upperBound {
            let wanted = min(buffer.count, Int(range.upperBound - position))
            let count = pread(scratch.raw, buffer.baseAddress, wanted, Int(position))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw .badAnswer(source: name, reason: "its file ends at \(position)") }
            try target.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += UInt64(count)
        }
        let mode = Int32(clinux_falloc_punch_hole | clinux_falloc_keep_size)
        _ = clinux_fallocate(scratch.raw, mode, Int64(range.lowerBound), Int64(range.upperBound - range.lowerBound))
    }

    private static func error(_ failure: FillerFailure) -> FetchError {
        switch failure {
        case .absent: return .unreachable(source: "filler", reason: "none is there")
        case .changed(let size): return .changed(source: "filler", reason: "it has \(size) bytes now")
        case .refused(let code):
            let reason = SystemError.text(for: code)
            switch code {
            case ENOENT: return .notFound(source: "filler", reason: reason)
            case EACCES, EPERM: return .denied(source: "filler", reason: reason)
            case ETIMEDOUT: return .timeout(source: "filler", reason: reason)
            default: return .unreachable(source: "filler", reason: reason)
            }
        }
    }
}
