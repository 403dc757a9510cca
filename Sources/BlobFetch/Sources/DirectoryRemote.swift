// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// A directory that has blobs as files: what a path or a `file://` URL stands for.
public final class DirectoryRemote: BlobRemote {
    private let path: String
    private let readers: ReaderThreads

    /// Blobs are looked for right in `path`, nowhere below it.
    public init(path: String) {
        self.path = path
        readers = ReaderThreads()
    }

    /// The directory's path.
    public var name: String { path }

    /// The source of the file called `blob`.
    public func source(for blob: String) throws(FetchError) -> any BlobSource {
        guard !blob.isEmpty, blob != ".", blob != "..",
            !blob.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
        else { throw .notFound(source: path, reason: "'\(blob)' is no file name") }
        return DirectorySource(path: path + "/" + blob, readers: readers)
    }
}

/// A blob that is a local file.
final class DirectorySource: BlobSource {
    let name: String
    private let readers: ReaderThreads

    init(path: String, readers: ReaderThreads) {
        name = path
        self.readers = readers
    }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        readers.run { [self] in completion(Result { () throws(FetchError) in try open().identity }) }
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        let handle = CancelFlag()
        readers.run { [self] in
            completion(Result { () throws(FetchError) in try copy(range, identity, target, handle) })
        }
        return handle
    }

    private func open() throws(FetchError) -> (file: Descriptor, identity: BlobIdentity) {
        do throws(SystemError) {
            let file = try Descriptor.open(name, O_RDONLY)
            var status = stat()
            guard fstat(file.raw, &status) == 0 else { throw SystemError("fstat", on: name) }
            guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("open", on: name, code: EISDIR) }
            let time = status.st_mtim
            return (file, BlobIdentity(size: UInt64(status.st_size), validator: "mtime \(time.tv_sec).\(time.tv_nsec)"))
        } catch {
            let reason = SystemError.text(for: error.code)
            switch error.code {
            case ENOENT, ENOTDIR, EISDIR, ENAMETOOLONG: throw .notFound(source: name, reason: reason)
            case EACCES, EPERM: throw .denied(source: name, reason: reason)
            default: throw .unreachable(source: name, reason: reason)
            }
        }
    }

    private func copy(
        _ range: Range<UInt64>, _ identity: BlobIdentity, _ target: any FetchTarget, _ handle: CancelFlag
    ) throws(FetchError) {
        let (file, now) = try open()
        guard now == identity else { throw .changed(source: name, reason: "size or time of the file differ") }
        target.restart()
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 4096)
        defer { buffer.deallocate() }
        var position = range.lowerBound
        while position < range.upperBound {
            guard !handle.isCancelled else { throw .cancelled }
            let count = pread(
                file.raw, buffer.baseAddress, min(buffer.count, Int(range.upperBound - position)), Int(position))
            if count < 0, errno == EINTR { continue }
            guard count > 0 else {
                let reason = count == 0 ? "the file ends at \(position)" : SystemError.text(for: errno)
                throw .badAnswer(source: name, reason: reason)
            }
            try target.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += UInt64(count)
        }
    }
}

/// Says that nobody wants a read any more.
final class CancelFlag: FetchHandle {
    private let flag = Locked(false)

    var isCancelled: Bool { flag.withLock { $0 } }

    func cancel() { flag.withLock { $0 = true } }
}
