// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Primitives

/// The lines of an answer, as they come.
final class ControlLines {
    private let connection: Descriptor
    private var bytes: [UInt8] = []
    private var start = 0

    init(_ connection: Descriptor) { self.connection = connection }

    /// The next line with its end; nil when the other side has closed.
    func next() -> String? {
        while true {
            if let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) {
                defer { start = end + 1 }
                return String(decoding: bytes[start...end], as: UTF8.self)
            }
            bytes.removeFirst(start)
            start = 0
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let count = read(connection.raw, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            bytes += buffer[..<count]
        }
    }
}
