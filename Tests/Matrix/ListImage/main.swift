// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import ImageReader

/// Writes a file, and says so when that fails.
func write(_ bytes: [UInt8], to path: String) -> Bool {
    guard let file = fopen(path, "w") else { return false }
    let isWritten = bytes.isEmpty || fwrite(bytes, 1, bytes.count, file) == bytes.count
    return fclose(file) == 0 && isWritten
}

/// Writes a line to standard error and ends.
func fail(_ line: String, code: Int32 = 1) -> Never {
    let bytes = Array("\(line)\n".utf8)
    _ = Glibc.write(STDERR_FILENO, bytes, bytes.count)
    exit(code)
}

let arguments = Array(CommandLine.arguments.dropFirst())
guard arguments.count >= 3, let offset = UInt64(arguments[1]) else {
    fail("usage: ListImage IMAGE OFFSET OUT [DEVICE...]", code: 2)
}
do {
    let primary = Device.file(try LocalFile(path: arguments[0], offset: offset))
    let devices = try arguments.dropFirst(3).map { Device.file(try LocalFile(path: $0)) }
    let listing = try ImageListing(ImageReader(Bootstrap(primary), devices: devices))
    let lists = [
        ("meta", listing.facts), ("rdev", listing.devices), ("xattr", listing.attributes), ("sum", listing.digests),
    ]
    for (kind, bytes) in lists where !write(bytes, to: "\(arguments[2]).\(kind)") {
        fail("\(arguments[2]).\(kind): cannot be written")
    }
} catch {
    fail("\(arguments[0]): \(error)")
}
