// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import EROFS

/// Encoded bytes that a thread read last, some of them ahead of time.
///
/// Clusters are small and follow each other, so one read of the device serves all of a request. It reads no further: the
/// next request of the same file may come to another thread. For one thread only.
final class EncodedWindow {
    /// A run of encoded bytes on a device.
    struct Run {
        /// The identity of the reader that asks.
        var reader: UInt64
        var device: Int
        var offset: UInt64
        var count: Int
    }

    /// Bytes that are read at once when clusters are read one after the other.
    static let aheadCount = 128 << 10
    private var memory = UnsafeMutableRawBufferPointer(start: nil, count: 0)
    /// What `memory` holds; nil when nothing.
    private var held: Run?

    deinit { memory.deallocate() }

    /// The bytes of `run`; valid until the next call.
    ///
    /// - Parameter ahead: Bytes behind the run that will be asked for next.
    func bytes(
        _ run: Run, ahead: Int, of devices: DeviceSet, on context: ReadContext
    ) throws(ReadError) -> UnsafeRawBufferPointer {
        if let held, let found = held.position(of: run) { return view(found, run.count) }
        let ahead = clipped(run, run.count + ahead, devices)
        reserve(ahead)
        held = nil
        if ahead > run.count, (try? read(run, ahead, devices, on: context)) != nil { return view(0, run.count) }
        try read(run, run.count, devices, on: context)
        return view(0, run.count)
    }

    /// Forgets the bytes, so that the next call reads the device.
    func forget() { held = nil }

    private func view(_ position: Int, _ count: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(rebasing: memory[position..<position + count])
    }

    private func read(_ run: Run, _ count: Int, _ devices: DeviceSet, on context: ReadContext) throws(ReadError) {
        let target = UnsafeMutableRawBufferPointer(rebasing: memory[..<count])
        try devices.read(device: run.device, at: run.offset, into: target, on: context)
        held = Run(reader: run.reader, device: run.device, offset: run.offset, count: count)
    }

    /// The part of `count` bytes from the start of `run` that the device has; never less than the run.
    private func clipped(_ run: Run, _ count: Int, _ devices: DeviceSet) -> Int {
        guard run.device >= 0, run.device < devices.devices.count else { return run.count }
        let size = devices.devices[run.device].size
        return run.offset < size ? max(run.count, Int(min(UInt64(count), size - run.offset))) : run.count
    }

    private func reserve(_ count: Int) {
        guard count > memory.count else { return }
        memory.deallocate()
        held = nil
        memory = .allocate(byteCount: max(count, EncodedWindow.aheadCount), alignment: 16)
    }
}

extension EncodedWindow.Run {
    /// Where in this run the bytes of `other` start, when it has them all.
    fileprivate func position(of other: Self) -> Int? {
        guard reader == other.reader, device == other.device, other.offset >= offset else { return nil }
        let skipped = other.offset - offset
        guard skipped <= UInt64(count), other.count <= count - Int(skipped) else { return nil }
        return Int(skipped)
    }
}
