// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// What a mount asks of the kernel; everything that costs nothing is on unless it is switched off.
package struct Switches: Equatable, Sendable {
    /// Names together with attributes when a directory is listed.
    package var readdirplus = true
    /// Link targets kept by the kernel.
    package var symlinkCache = true
    /// Names, absences and attributes kept by the kernel for ever.
    package var entryCache = true
    /// Several reads of one file at once.
    package var asyncRead = true
    /// Lookups and listings of one directory at once.
    package var parallelDirectoryOperations = true

    /// Mounts of the mount whose owners are shifted (`MOUNT_ATTR_IDMAP`), where the kernel checks permissions.
    package var idmappedMounts = true
    /// Requests through io_uring instead of the device, where the administrator lets FUSE (`fuse.enable_uring`).
    package var ioUring = true
    /// Large files read by the kernel itself, where it may be given files: then every file is opened and closed by a request.
    package var passthrough = false

    /// Large replies from the page cache straight to the kernel (splice(2)), where requests come through the device.
    package var splice = true
    /// The serving thread on the processor of who asks alone, where requests come through the device.
    package var following = true

    package init() {}

    /// How long names and attributes may be kept.
    package var validity: Validity { entryCache ? .endless : .none }
}

/// What kernel and server agreed on when the mount began.
package struct Negotiated: Equatable, Sendable {
    /// The protocol's version.
    package var major: UInt32 = 0
    /// The protocol's minor version.
    package var minor: UInt32 = 0
    /// Bytes that the kernel reads ahead; see also ``KernelReadAhead``.
    package var maxReadahead: UInt32 = 0
    /// Capabilities in use, by libfuse's names without the prefix, sorted.
    package var capabilities: [String] = []
    /// Whether requests come through rings.
    package var usesRings = false
    /// Whether the kernel may be given files to read by itself.
    package var passesThrough = false

    package init() {}
}
