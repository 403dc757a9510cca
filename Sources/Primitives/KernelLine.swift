// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A line that the kernel makes for who reads a file of procfs: words with one space between.
struct KernelLine {
    private var bytes: Slice<UnsafeMutableRawBufferPointer>

    /// A line in memory, which it borrows.
    init(_ bytes: Slice<UnsafeMutableRawBufferPointer>) { self.bytes = bytes }

    /// Gives the first `limit` bytes of a file to `body`; nil when it cannot be opened.
    static func read<Result>(_ path: String, atMost limit: Int, _ body: (KernelLine) -> Result?) -> Result? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        return withUnsafeTemporaryAllocation(byteCount: limit, alignment: 1) { text in
            body(KernelLine(text[..<max(0, Glibc.read(file, text.baseAddress, text.count))]))
        }
    }

    /// What stands from the last such byte on; nil when there is none.
    func suffix(fromLast byte: UInt8) -> KernelLine? { bytes.lastIndex(of: byte).map { KernelLine(bytes[$0...]) } }

    /// The number that is a word, counted from 0; nil when that is none.
    func number<Value: FixedWidthInteger>(_ index: Int) -> Value? {
        var rest = bytes
        for _ in 0..<index {
            guard let space = rest.firstIndex(of: UInt8(ascii: " ")) else { return nil }
            rest = rest[(space + 1)...]
        }
        return Value(String(decoding: rest.prefix { $0 > UInt8(ascii: " ") }, as: UTF8.self))
    }
}
