// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Finds the device, and the place on it, that an address of the format means.
struct DeviceTable: Sendable {
    /// The slots in order; device ids are their indexes plus one.
    let slots: [DeviceSlot]
    /// Whether all devices follow each other in the primary's file, at their unified addresses.
    private let isFlat: Bool
    private let hasWindows: Bool
    private let mask: Int
    private let blockBits: Int
    /// Where the file system starts in the primary's file.
    private let origin: UInt64

    /// Reads the slots that the superblock announces.
    init(of image: ImageBytes, _ superblock: Superblock, isFlat: Bool) throws(ImageError) {
        let count = superblock.extraDeviceCount
        let isWide = superblock.incompatible.contains(.wideAddresses)
        var slots: [DeviceSlot] = []
        for index in 0..<count {
            let offset = superblock.deviceTableOffset + UInt64(index * DeviceSlot.length)
            let record: Record
            do throws(ImageError) {
                record = try image.record(at: offset, count: DeviceSlot.length)
            } catch {
                guard case .outOfBounds = error else { throw error }
                throw .invalid(.deviceSlot(index + 1), field: "devt_slotoff", value: offset / 128)
            }
            slots.append(DeviceSlot(record, isWide: isWide))
        }
        self.slots = slots
        self.isFlat = isFlat
        hasWindows = !isFlat && slots.contains { $0.unifiedBlock != 0 }
        mask = count == 0 ? 0 : (1 << (Int.bitWidth - count.leadingZeroBitCount)) - 1
        blockBits = superblock.blockBits
        origin = image.origin
    }

    /// The device that a stored device id means: only the bits that the number of devices needs count.
    @inline(__always)
    func masked(_ storedID: UInt16) -> Int { Int(storedID) & mask }

    /// The place that byte `address` of device `id` means.
    @inline(__always)
    func resolve(device id: Int, address: UInt64) throws(ImageError) -> DevicePlace {
        if id == 0 && !hasWindows { return try place(0, at: address, plus: origin, size: .max) }
        return try id == 0 ? resolveUnified(address) : resolveExtra(id, address)
    }

    private func resolveExtra(_ id: Int, _ address: UInt64) throws(ImageError) -> DevicePlace {
        guard id <= slots.count else { throw .noDevice(id: id) }
        let slot = slots[id - 1]
        guard isFlat else { return try place(id, at: address, plus: 0, size: slot.blockCount << blockBits) }
        // Old images give their devices no unified address, so nothing says where in the file they are.
        guard slot.unifiedBlock != 0 else { throw .noDevice(id: id) }
        let (start, overflow) = origin.addingReportingOverflow(slot.unifiedBlock << blockBits)
        guard !overflow else { throw .outOfBounds(offset: address, count: 1, size: .max) }
        return try place(0, at: address, plus: start, size: .max)
    }

    private func resolveUnified(_ address: UInt64) throws(ImageError) -> DevicePlace {
        var nextWindow = UInt64.max
        for (index, slot) in slots.enumerated() where slot.unifiedBlock != 0 {
            let start = slot.unifiedBlock << blockBits
            let size = slot.blockCount << blockBits
            guard address >= start else {
                nextWindow = min(nextWindow, start)
                continue
            }
            if address - start < size { return try place(index + 1, at: address - start, plus: 0, size: size) }
        }
        return try place(0, at: address, plus: origin, size: nextWindow)
    }

    /// The place at `address` of a region of `size` bytes that starts at byte `start` of the device's file.
    @inline(__always)
    private func place(_ id: Int, at address: UInt64, plus start: UInt64, size: UInt64) throws(ImageError)
        -> DevicePlace
    {
        let (offset, overflow) = address.addingReportingOverflow(start)
        guard !overflow, offset != .max else { throw .outOfBounds(offset: address, count: 1, size: .max) }
        // Behind the end there is nothing to stop at: whoever reads there finds the file's end.
        let remaining = address < size ? size - address : .max
        return DevicePlace(id: id, offset: offset, remaining: min(remaining, .max - offset))
    }
}

/// A byte of a device, and how far the device goes on from there.
package struct DevicePlace: Equatable, Sendable {
    /// The device; 0 is the primary.
    package let id: Int
    /// The byte in the device's file.
    package let offset: UInt64
    /// Bytes from there to the end of the device or to the next window on another; at least 1.
    package let remaining: UInt64
}
