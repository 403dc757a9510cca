// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FuzzSupport

/// What libFuzzer calls with each input: an image, or what is left of one.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzOneInput(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    var bytes = Array(UnsafeBufferPointer(start: start, count: count))
    // No input would ever have the right checksum.
    if bytes.count > 1032 { bytes[1032] &= 0xFE }
    BoundedWalk.run(bytes, limit: 3000)
    return 0
}
