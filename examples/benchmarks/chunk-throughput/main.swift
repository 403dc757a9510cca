// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

// chunk-throughput BOOTSTRAP BLOBS [ROUNDS]: how much of the time of decoding and checking the chunks of a RAFS image is
// spent in codec and hash.
//
// Reads each blob's whole cookie from memory, once as a mount does it and once with nothing but codec and hash, round by
// round, and compares the processor time of the best rounds. On one core:
//
//     SWIFT_EROFS_FUSE_FUZZ=1 swift build -c release --product ChunkThroughput
//     taskset -c 0 .build/release/ChunkThroughput image.boot blobs/

import BlobFetch
import CLZ4
import CZstd
import Digests
import EROFS
import Glibc
import Primitives
import Rafs

/// A remote whose blobs are files that were read into memory.
final class MemoryRemote: BlobRemote {
    let name = "memory"
    private let folder: String
    init(folder: String) { self.folder = folder }
    func source(for blob: String) throws(FetchError) -> any BlobSource {
        guard let bytes = contents("\(folder)/\(blob)") else { throw .notFound(source: name, reason: blob) }
        return MemorySource(bytes)
    }
}

/// A blob in memory.
final class MemorySource: BlobSource {
    let name = "memory"
    let bytes: [UInt8]
    init(_ bytes: [UInt8]) { self.bytes = bytes }

    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void) {
        completion(.success(BlobIdentity(size: UInt64(bytes.count))))
    }

    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle {
        var result: Result<Void, FetchError> = .success(())
        bytes.withUnsafeBytes { raw in
            // As a transfer delivers them.
            for start in stride(from: Int(range.lowerBound), to: Int(range.upperBound), by: 16384) {
                let piece = raw[start..<min(start + 16384, Int(range.upperBound))]
                do throws(FetchError) { try target.receive(UnsafeRawBufferPointer(rebasing: piece)) } catch {
                    result = .failure(error)
                }
            }
        }
        completion(result)
        return Nothing()
    }
}

final class Nothing: FetchHandle { func cancel() {} }

/// Takes the plain bytes of a fetch, as the memory of a flight does.
final class Memory: FetchTarget, @unchecked Sendable {
    private let memory = UnsafeMutableRawBufferPointer.allocate(byteCount: 48 << 20, alignment: 4096)
    private var count = 0
    func restart() { count = 0 }
    func receive(_ bytes: UnsafeRawBufferPointer) throws(FetchError) {
        UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + bytes.count]).copyMemory(from: bytes)
        count += bytes.count
    }
    func room(for count: Int) -> UnsafeMutableRawBufferPointer? {
        UnsafeMutableRawBufferPointer(rebasing: memory[self.count..<self.count + count])
    }
    func filled(_ count: Int) { self.count += count }
}

func contents(_ path: String) -> [UInt8]? {
    guard let file = fopen(path, "rb") else { return nil }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    var bytes = [UInt8](repeating: 0, count: ftell(file))
    rewind(file)
    return fread(&bytes, 1, bytes.count, file) == bytes.count ? bytes : nil
}

/// Seconds of processor time that this process has used.
func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
}

func fail(_ text: String) -> Never {
    let line = Array("chunk-throughput: \(text)\n".utf8)
    _ = write(2, line, line.count)
    exit(1)
}

/// Waits for what a callback gives.
func wait<Value: Sendable>(_ start: (@escaping @Sendable (Result<Value, FetchError>) -> Void) -> Void) -> Value {
    let answer = Answer<Result<Value, FetchError>>()
    start { answer.give($0) }
    switch answer.wait() {
    case .success(let value): return value
    case .failure(let error): fail("\(error)")
    }
}

/// A blob as a mount reads it: flights of about 1 MiB, each of whole units.
func throughTheLibrary(_ blob: RafsBlob, _ identity: BlobIdentity, _ memory: Memory) {
    var offset: UInt64 = 0
    while offset < blob.size {
        let range = blob.source.unitRange(covering: offset..<min(offset + 1 << 20, blob.size))
        memory.restart()
        wait { done in _ = blob.source.read(range, of: identity, into: memory, priority: .foreground, done) }
        offset = range.upperBound
    }
}

/// The same chunks with nothing but codec and hash.
func bare(_ table: UnitTable, _ units: [Unit], _ bytes: [UInt8], _ context: OpaquePointer?, _ digester: Digester) {
    let plain = UnsafeMutableRawBufferPointer.allocate(byteCount: 16 << 20, alignment: 4096)
    defer { plain.deallocate() }
    bytes.withUnsafeBytes { blob in
        for unit in units {
            let remote = UnsafeRawBufferPointer(
                rebasing: blob[Int(unit.remote.lowerBound)..<Int(unit.remote.upperBound)])
            let isStored = remote.count == unit.size
            let count: Int
            if isStored {
                count = remote.count
            } else if table.blob.codec == .zstd {
                count = ZSTD_decompressDCtx(context, plain.baseAddress, unit.size, remote.baseAddress, remote.count)
            } else {
                count = Int(
                    LZ4_decompress_safe(
                        remote.baseAddress, plain.baseAddress, Int32(remote.count), Int32(unit.size)))
            }
            let found = digester.digest(
                table.blob.digestAlgorithm,
                of: isStored ? remote : UnsafeRawBufferPointer(rebasing: plain[..<max(0, min(count, plain.count))]))
            guard count == unit.size, found == table.digest(of: unit.chunks.lowerBound) else { fail("wrong bytes") }
        }
    }
}

let arguments = CommandLine.arguments
guard arguments.count >= 3, let bootstrap = contents(arguments[1]) else {
    fail("usage: chunk-throughput BOOTSTRAP BLOBS [ROUNDS]")
}
let rounds = arguments.count > 3 ? Int(arguments[3]) ?? 5 : 5
do {
    let image = try RafsImage(.copying(bootstrap))
    let remote = MemoryRemote(folder: arguments[2])
    for blob in try image.blobSources(from: remote) {
        guard let source = blob.units else { continue }
        let identity: BlobIdentity = wait { source.identify($0) }
        let table: UnitTable = wait { source.table($0) }
        let units = try table.units(covering: 0..<blob.size)
        guard units.allSatisfy({ $0.chunks.count == 1 }) else { fail("batches and windows are not measured") }
        guard let bytes = contents("\(arguments[2])/\(blob.name)") else { fail("no blob \(blob.name)") }
        let context = ZSTD_createDCtx()
        let memory = Memory()
        let digester = Digester()
        var best = (library: Double.infinity, bare: Double.infinity)
        for _ in 0..<rounds {
            var start = processorTime()
            throughTheLibrary(blob, identity, memory)
            best.library = min(best.library, processorTime() - start)
            start = processorTime()
            bare(table, units, bytes, context, digester)
            best.bare = min(best.bare, processorTime() - start)
        }
        ZSTD_freeDCtx(context)
        let megabytes = Double(units.reduce(0) { $0 + $1.size }) / 1e6
        func speed(_ seconds: Double) -> String { "\(Int(megabytes / seconds)) MB/s" }
        print(
            "\(table.blob.codec.name), \(table.blob.digestAlgorithm.rawValue), \(units.count) chunks, "
                + "\(Int(megabytes)) MB: library \(speed(best.library)), codec and hash \(speed(best.bare)), "
                + "share \(Int(100 * best.bare / best.library)) %")
    }
} catch {
    fail("\(error)")
}
