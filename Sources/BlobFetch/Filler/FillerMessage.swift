// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What is told to an external filler: the messages of the kernel's on-demand mode (`struct cachefiles_msg`), one a packet.
///
///      0 4 message number      8 4 bytes of all of it      OPEN 16 4 bytes of the volume's key, with a 0 at its end
///      4 4 opcode             12 4 object number                20 4 bytes of the cookie's key
///                                                               24 4 -1: the descriptor comes beside the packet
///     READ 16 8 first byte    REFUSED 16 4 error number         28 4 flags, 0
///          24 8 bytes                                           32   both keys
///
/// Integers have the machine's byte order. REFUSED is ours: the kernel answers a wrong command by an error of write(2).
package enum FillerMessage: Equatable, Sendable {
    /// The size of a blob is wanted. A descriptor to fill it through comes along.
    case open(message: UInt32, object: UInt32, volume: String, cookie: String)
    /// Nobody uses the object any more.
    case close(message: UInt32, object: UInt32)
    /// Bytes are wanted.
    case read(message: UInt32, object: UInt32, start: UInt64, length: UInt64)
    /// A command was wrong; `message` is the number in it, 0 if it had none.
    case refused(message: UInt32, errno: Int32)

    /// Bytes of the longest message: two keys of 255 bytes.
    package static let longest = 1024

    /// The packet.
    package var bytes: [UInt8] {
        switch self {
        case .open(let message, let object, let volume, let cookie):
            let keys = Array(volume.utf8) + [0] + Array(cookie.utf8)
            let sizes = Self.word(UInt32(volume.utf8.count + 1)) + Self.word(UInt32(cookie.utf8.count))
            return Self.packet(message, 0, object, sizes + Self.word(UInt32.max) + Self.word(UInt32(0)) + keys)
        case .close(let message, let object): return Self.packet(message, 1, object, [])
        case .read(let message, let object, let start, let length):
            return Self.packet(message, 2, object, Self.word(start) + Self.word(length))
        case .refused(let message, let errno): return Self.packet(message, 3, 0, Self.word(errno))
        }
    }

    /// Reads a packet; nil when it is none.
    package init?(_ bytes: UnsafeRawBufferPointer) {
        guard bytes.count >= 16, bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self) == UInt32(bytes.count) else {
            return nil
        }
        let message = bytes.loadUnaligned(as: UInt32.self)
        let object = bytes.loadUnaligned(fromByteOffset: 12, as: UInt32.self)
        switch bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self) {
        case 0:
            guard bytes.count >= 32 else { return nil }
            let volume = Int(bytes.loadUnaligned(fromByteOffset: 16, as: UInt32.self))
            let cookie = Int(bytes.loadUnaligned(fromByteOffset: 20, as: UInt32.self))
            guard volume >= 1, volume <= 256, cookie <= 255, bytes.count == 32 + volume + cookie else { return nil }
            self = .open(
                message: message, object: object,
                volume: String(decoding: bytes[32..<32 + volume - 1], as: UTF8.self),
                cookie: String(decoding: bytes[(32 + volume)...], as: UTF8.self))
        case 1: self = .close(message: message, object: object)
        case 2:
            guard bytes.count == 32 else { return nil }
            self = .read(
                message: message, object: object, start: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self),
                length: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        case 3:
            guard bytes.count == 20 else { return nil }
            self = .refused(message: message, errno: bytes.loadUnaligned(fromByteOffset: 16, as: Int32.self))
        default: return nil
        }
    }

    private static func packet(_ message: UInt32, _ opcode: UInt32, _ object: UInt32, _ rest: [UInt8]) -> [UInt8] {
        word(message) + word(opcode) + word(UInt32(16 + rest.count)) + word(object) + rest
    }

    private static func word(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value) { Array($0) } }
}

/// What a filler says: the kernel's commands, one a packet, as text.
package enum FillerCommand: Equatable, Sendable {
    /// `copen MESSAGE,SIZE`: the answer to OPEN; a negative size is an error number.
    case openDone(message: UInt32, size: Int64)
    /// `cread MESSAGE` or `cread MESSAGE,-ERRNO`: the answer to READ; the kernel has an ioctl for it, without an error.
    case readDone(message: UInt32, errno: Int32)
    /// `restore`: what was told and not answered is told again.
    case restore

    /// Reads a command, with a line's end or without; nil when it is none.
    package init?(_ text: String) {
        let line = text.prefix { $0 != "\n" }
        if line == "restore" {
            self = .restore
            return
        }
        let words = line.split(separator: " ", maxSplits: 1)
        guard words.count == 2 else { return nil }
        let numbers = words[1].split(separator: ",", omittingEmptySubsequences: false)
        guard let first = numbers.first, let message = UInt32(first) else { return nil }
        switch (words[0], numbers.count) {
        case ("copen", 2):
            guard let size = Int64(numbers[1]), size >= -4095 else { return nil }
            self = .openDone(message: message, size: size)
        case ("cread", 1): self = .readDone(message: message, errno: 0)
        case ("cread", 2):
            guard let error = Int32(numbers[1]), (-4095 ... -1).contains(error) else { return nil }
            self = .readDone(message: message, errno: -error)
        default: return nil
        }
    }
}
