// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FuzzSupport
import Glibc

/// Damages each image again and again, with seeds that count up from 0, and walks every copy.
///
/// A crash names its seed, because each one is written to standard error before its copy is tried when VERBOSE is set.
///
/// - Parameter walk: Looks at a copy, and says how many steps that took.
func mutate(_ count: Int, _ paths: [String], _ walk: ([UInt8]) -> Int) {
    let mutators = paths.map { ImageMutator(contents(of: $0)) }
    let isVerbose = getenv("VERBOSE") != nil
    let first = getenv("SEED").flatMap { UInt64(String(cString: $0)) } ?? 0
    var steps = 0
    for number in 0..<count {
        let seed = first &+ UInt64(number)
        let index = number % mutators.count
        if isVerbose { say("\(paths[index]) \(seed)") }
        steps += walk(mutators[index].copy(seed: seed))
    }
    print("\(count) images, \(steps) steps, no crash")
}

/// Writes the damaged copy that belongs to a seed, for a closer look.
func emit(_ seed: UInt64, _ path: String) {
    let copy = ImageMutator(contents(of: path)).copy(seed: seed)
    copy.withUnsafeBytes { send($0, to: STDOUT_FILENO) }
}

/// Writes a line to standard error.
func say(_ text: String) { Array("\(text)\n".utf8).withUnsafeBytes { send($0, to: STDERR_FILENO) } }

func send(_ bytes: UnsafeRawBufferPointer, to descriptor: CInt) {
    var sent = 0
    while sent < bytes.count,
        case let count = write(
            descriptor, UnsafeRawBufferPointer(rebasing: bytes[sent...]).baseAddress, bytes.count - sent), count > 0
    {
        sent += count
    }
}

func contents(of path: String) -> [UInt8] {
    guard let file = fopen(path, "r") else {
        perror(path)
        exit(66)
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while case let count = fread(&buffer, 1, buffer.count, file), count > 0 { bytes += buffer[..<count] }
    return bytes
}

let arguments = CommandLine.arguments
if arguments.count >= 4, arguments[1] == "mutate", let count = Int(arguments[2]) {
    mutate(count, Array(arguments[3...])) { BoundedWalk.run($0) }
} else if arguments.count >= 4, arguments[1] == "read", let count = Int(arguments[2]), let walk = ReaderWalk() {
    mutate(count, Array(arguments[3...])) { walk.run($0) }
} else if arguments.count == 4, arguments[1] == "copy", let seed = UInt64(arguments[2]) {
    emit(seed, arguments[3])
} else {
    say("usage: FuzzEROFS mutate|read COUNT IMAGE... | FuzzEROFS copy SEED IMAGE")
    exit(64)
}
