// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import EROFS
import Primitives

/// The devices of one image by id: 0 is the primary, then the slots in order.
///
/// Reads go to the device in place (a local file) or through its cookie; nothing here waits for the network.
package struct DeviceSet: Sendable {
    /// Device 0 first.
    ///
    /// In flat mode it is the only one.
    package let devices: [Device]

    package init(_ devices: [Device]) { self.devices = devices }

    /// Fills `buffer` with the bytes of device `id` at `offset`.
    package func read(
        device id: Int, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer, on context: ReadContext
    ) throws(ReadError) {
        switch try device(id, offset, buffer.count) {
        case .file(let file):
            try file.read(into: buffer, at: offset, waiting: context.mayWaitForDisk)
        case .blob(let blob):
            try DeviceSet.read(blob, id, at: offset, into: buffer, on: context)
        }
    }

    /// The device of `id`, when `count` bytes at `offset` lie inside it.
    func device(_ id: Int, _ offset: UInt64, _ count: Int) throws(ReadError) -> Device {
        guard id >= 0, id < devices.count else { throw .image(.noDevice(id: id)) }
        let device = devices[id]
        let size = device.size
        guard offset <= size, size - offset >= UInt64(count) else {
            throw .beyondDevice(device: id, offset: offset, count: count, size: size)
        }
        return device
    }

    /// The parts of a range of a device that the cache lacks; nil when all is there.
    ///
    /// Used to plan a whole request at once after its first miss; off the hit path.
    func missing(device id: Int, _ range: Range<UInt64>) -> MissingBytes? {
        guard id >= 0, id < devices.count, case .blob(let blob) = devices[id] else { return nil }
        var result: MissingBytes?
        for part in blob.missing(in: range.clamped(to: 0..<blob.size)) {
            let bytes = MissingBytes(.device(id), part)
            if result == nil { result = bytes } else { result?.add(bytes) }
        }
        return result
    }

    private static func read(
        _ blob: Blob, _ id: Int, at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer,
        on context: ReadContext
    ) throws(ReadError) {
        var done = 0
        while done < buffer.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[done...])
            do throws(BlobReadError) {
                done += try blob.read(
                    into: rest, at: offset + UInt64(done), waiting: context.mayWaitForDisk, inode: context.inode)
            } catch {
                switch error {
                case .missing(let range): throw .missing(MissingBytes(.device(id), range))
                case .wouldBlock: throw .wouldBlock
                case .system(let code): throw .system(SystemError("read", on: blob.name, code: code))
                }
            }
        }
    }
}
