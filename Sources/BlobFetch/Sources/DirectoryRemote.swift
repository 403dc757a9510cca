// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// A directory that has blobs as files: what a path or a `file://` URL stands for.
public final class DirectoryRemote: BlobRemote {
    private let path: String
    private let readers: ReaderThreads
    private let rate: FetchRate?

    /// Blobs are looked for right in `path`, nowhere below it.
    ///
    /// - Parameter rate: How fast they may be read; nil for no limit. The directory may be another machine's.
    public init(path: String, rate: FetchRate? = nil) {
        self.path = path
        self.rate = rate
        readers = ReaderThreads()
    }

    /// The directory's path.
    public var name: String { path }

    /// The source of the file called `blob`.
    public func source(for blob: String) throws(FetchError) -> any BlobSource {
        guard !blob.isEmpty, blob != ".", blob != "..",
            !blob.utf8.contains(where: { $0 == UInt8(ascii: "/") || $0 == 0 })
        else { throw .notFound(source: path, reason: "'\(blob)' is no file name") }
        return DirectorySource(path: path + "/" + blob, readers: readers, rate: rate)
    }
}

/// A blob that is a local file.
final class DirectorySource: BlobSource {
    let name: String
    private let readers: ReaderThreads
    private let rate: FetchRate?
    /// Bytes that are read at once.
    private static let piece = 256 << 10

    init(path: String, readers: ReaderThreads, rate: FetchRate?) {
        name = path
        self.readers = readers
        self.rate = rate
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
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: DirectorySource.piece, alignment: 4096)
        defer { buffer.deallocate() }
        var position = range.lowerBound
        while position < range.upperBound {
            let wanted = min(buffer.count, Int(range.upperBound - position))
            let isCancelled = handle.isCancelled(within: rate?.reserve(UInt64(wanted)) ?? 0)
            guard !isCancelled else { throw .cancelled }
            let count = read(file, into: buffer, wanted, at: position)
            guard count > 0 else {
                let reason = count == 0 ? "the file ends at \(position)" : SystemError.text(for: errno)
                throw .badAnswer(source: name, reason: reason)
            }
            try target.receive(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += UInt64(count)
        }
    }

    /// Reads what can be had at once; 0 at the end of the file.
    private func read(_ file: Descriptor, into buffer: UnsafeMutableRawBufferPointer, _ count: Int, at offset: UInt64)
        -> Int
    {
        while true {
            let count = pread(file.raw, buffer.baseAddress, count, Int(offset))
            if count >= 0 || errno != EINTR { return count }
        }
    }
}

/// Says that nobody wants a read any more.
final class CancelFlag: FetchHandle {
    private let flag = Locked(false)
    private let changed = Condition()

    var isCancelled: Bool { flag.withLock { $0 } }

    /// Whether the read was given up, by now or within the next so many milliseconds, which are waited for.
    func isCancelled(within milliseconds: UInt64) -> Bool {
        let due = MonotonicTime.now.advanced(milliseconds: milliseconds)
        return flag.withLock(waitingOn: changed) { flag, waiter in
            while !flag, MonotonicTime.now < due { _ = waiter.wait(for: &flag, until: due) }
            return flag
        }
    }

    func cancel() {
        flag.withLock { $0 = true }
        changed.broadcast()
    }
}
