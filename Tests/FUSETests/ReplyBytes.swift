// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

@testable import FUSE

/// The bytes of a reply, read as the kernel reads them.
struct ReplyBytes {
    let bytes: [UInt8]

    /// The whole message that `buffer` makes.
    init(_ buffer: ReplyBuffer, unique: UInt64 = 7, error: Int32 = 0) {
        bytes = Array(buffer.message(to: unique, error: error))
    }

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    /// An integer at an offset of the message.
    func load<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
        bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) }
    }

    /// An integer at an offset of the payload.
    func payload<Value: FixedWidthInteger & BitwiseCopyable>(_ offset: Int, as type: Value.Type) -> Value {
        load(16 + offset, as: type)
    }
}

extension String {
    /// Gives the string's bytes to `body`.
    func withBytes<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        Array(utf8).withUnsafeBytes(body)
    }
}
