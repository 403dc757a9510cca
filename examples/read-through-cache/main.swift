// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

// read-through-cache URL CACHE-DIRECTORY [OFFSET COUNT]
//
// Writes a part of a remote file to standard output, through a cache as a lazy file system has one: what was read once
// is not fetched again, by this process or another. Everything it needs is in the library product `Fscache`.

import BlobFetch
import Foundation
import Fscache

#if canImport(FoundationNetworking)
    import FoundationNetworking
#endif

/// A web server's file, for the cache: how large it is, and how to get a range of it.
final class WebFile: BlobSource {
    private let url: URL
    private let session = URLSession(configuration: .ephemeral)

    var name: String { url.absoluteString }

    init(_ url: URL) { self.url = url }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        let source = name
        var request = URLRequest(url: url)
        request.httpMethod = "HEAD"
        session.dataTask(with: request) { _, response, error in
            guard let answer = response as? HTTPURLResponse, answer.statusCode == 200,
                let size = answer.value(forHTTPHeaderField: "Content-Length").flatMap({ UInt64($0) })
            else { return completion(.failure(.unreachable(source: source, reason: "\(error as Any? ?? "no size")"))) }
            completion(.success(BlobIdentity(size: size, validator: answer.value(forHTTPHeaderField: "ETag"))))
        }.resume()
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        let source = name
        var request = URLRequest(url: url)
        request.setValue("bytes=\(range.lowerBound)-\(range.upperBound - 1)", forHTTPHeaderField: "Range")
        let task = session.dataTask(with: request) { data, response, error in
            guard let data, (response as? HTTPURLResponse)?.statusCode == 206 else {
                return completion(.failure(.unreachable(source: source, reason: "\(error as Any? ?? "no range")")))
            }
            completion(
                Array(data).withUnsafeBytes { bytes in Result { () throws(FetchError) in try target.receive(bytes) } })
        }
        task.resume()
        return Handle(task: task)
    }

    private final class Handle: FetchHandle {
        let task: URLSessionDataTask
        init(task: URLSessionDataTask) { self.task = task }
        func cancel() { task.cancel() }
    }
}

/// Reads bytes of a blob: what is there at once, what is missing after it has been fetched.
func read(_ blob: Blob, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws -> Int {
    while true {
        do throws(BlobReadError) {
            return try blob.read(into: buffer, at: offset, waiting: true)
        } catch {
            guard case .missing(let range) = error else { throw error }
            let (answers, arrived) = (Answers(), DispatchSemaphore(value: 0))
            let ticket = blob.ensure(range) { failure in
                answers.failure = failure
                arrived.signal()
            }
            if ticket != nil { arrived.wait() }
            if let failure = answers.failure { throw failure }
        }
    }
}

/// Carries an answer from the thread of a fetch to the one that waits for it.
final class Answers: @unchecked Sendable {
    // Written before the semaphore is signalled, read after.
    var failure: FetchError?
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let url = URL(string: arguments[1]) else {
    FileHandle.standardError.write(Data("usage: read-through-cache URL CACHE-DIRECTORY [OFFSET COUNT]\n".utf8))
    exit(2)
}
do {
    let volume = try Cache(directory: arguments[2]).volume("read-through-cache")
    let blob = try Blob.open(
        url.lastPathComponent, in: volume, sources: [WebFile(url)], settings: FetchSettings())
    var offset = arguments.count > 3 ? UInt64(arguments[3]) ?? 0 : 0
    let end = min(blob.size, offset + (arguments.count > 4 ? UInt64(arguments[4]) ?? 0 : blob.size))
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    while offset < end {
        let wanted = min(buffer.count, Int(end - offset))
        let count = try buffer.withUnsafeMutableBytes {
            try read(blob, at: offset, into: UnsafeMutableRawBufferPointer(rebasing: $0[..<wanted]))
        }
        FileHandle.standardOutput.write(Data(buffer[..<count]))
        offset += UInt64(count)
    }
    let fetched = "\(blob.statistics.snapshot.bytes) bytes fetched\n"
    FileHandle.standardError.write(Data(fetched.utf8))
} catch {
    FileHandle.standardError.write(Data("read-through-cache: \(error)\n".utf8))
    exit(1)
}
