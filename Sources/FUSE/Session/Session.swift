// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CFuse3
import CLinux
import Glibc
import Primitives
import Synchronization

/// A FUSE mount: libfuse mounts, negotiates and unmounts; requests and replies go through the device as the kernel
/// writes them.
///
/// `receive` belongs to the serving thread; `reply` may be called from any thread until `close()`.
package final class Session: @unchecked Sendable {
    // Safe to share: `raw` is used by the serving thread only; the descriptor number never changes.
    private let raw: OpaquePointer
    private let negotiation: Negotiation
    /// The device's descriptor; owned by libfuse.
    package let descriptor: Int32
    /// The directory that the tree is mounted on.
    package let mountPoint: String
    /// Whether parts of files may go to the kernel from the page cache.
    package let splices: Bool
    /// Whether the serving thread goes where the thread runs that it serves.
    let follows: Bool
    private var isMounted = true
    /// Threads beside the serving thread that sleep at the device when there is nothing to do, or wait for the disk.
    let companions = Atomic<Int>(0)
    /// Threads that sleep at the device, among others.
    let sleepers = Atomic<Int>(0)

    /// Mounts on `mountPoint`, which may also be `/dev/fd/N` of a FUSE descriptor that somebody else mounted.
    ///
    /// - Throws: What mount(2) or fusermount3 said, as far as libfuse tells.
    package init(mountPoint: String, options: MountOptions, switches: Switches) throws(SessionError) {
        let log = LibraryLog.start()
        // Whoever mounted a given descriptor chose its options, to which nothing can be added here.
        let isGiven = mountPoint.hasPrefix("/dev/fd/")
        guard !isGiven || options.isSafeAsGiven else {
            let reason = "allow_other without default_permissions would let everybody read everything: give both"
            throw .refused(mountPoint: mountPoint, reason: reason)
        }
        let negotiation = Negotiation(
            switches, mayBeIDMapped: !isGiven && options.checksPermissions, mayUseRings: !isGiven)
        guard let raw = Session.create(options, negotiation) else {
            throw .refused(mountPoint: mountPoint, reason: log.text ?? "libfuse did not take the options")
        }
        guard fuse_session_mount(raw, mountPoint) == 0 else {
            fuse_session_destroy(raw)
            throw .refused(mountPoint: mountPoint, reason: log.text ?? "the mount failed")
        }
        LibraryAnswers.route(raw)
        self.raw = raw
        self.negotiation = negotiation
        self.mountPoint = mountPoint
        splices = switches.splice
        follows = switches.following
        descriptor = fuse_session_fd(raw)
        let flags = fcntl(descriptor, F_GETFL)
        _ = fcntl(descriptor, F_SETFL, flags | O_NONBLOCK)
    }

    deinit { close() }

    /// What was agreed; the default value until the kernel has asked.
    package var negotiated: Negotiated { negotiation.agreed.withLock { $0 } }

    /// Unmounts, unless that has happened, and lets go of the device.
    ///
    /// No reply may follow.
    package func close() {
        guard isMounted else { return }
        isMounted = false
        fuse_session_unmount(raw)
        fuse_session_destroy(raw)
    }

    /// Lets libfuse answer a request of the negotiation (INIT and DESTROY).
    ///
    /// - Parameter prepareRings: See ``Negotiation/begin(_:preparingRings:)``.
    func negotiate(
        _ message: UnsafeMutableRawBufferPointer, count: Int, _ request: Request,
        preparingRings prepareRings: () -> Bool
    ) {
        if request.rawOpcode == Opcode.initialize.rawValue {
            negotiation.begin(request, preparingRings: prepareRings)
        }
        var buffer = fuse_buf()
        buffer.size = count
        buffer.mem = message.baseAddress
        fuse_session_process_buf(raw, &buffer)
    }

    private static func create(_ options: MountOptions, _ negotiation: Negotiation) -> OpaquePointer? {
        var arguments = fuse_args()
        defer { fuse_opt_free_args(&arguments) }
        fuse_opt_add_arg(&arguments, "swift-erofs-fuse")
        fuse_opt_add_arg(&arguments, "-o" + options.libraryOptions.joined(separator: ","))
        var operations = fuse_lowlevel_ops()
        operations.`init` = { @Sendable userdata, connection in
            guard let userdata, let connection else { return }
            Unmanaged<Negotiation>.fromOpaque(userdata).takeUnretainedValue().agree(&connection.pointee)
        }
        return cfuse3_session_new(&arguments, &operations, Unmanaged.passUnretained(negotiation).toOpaque())
    }
}

/// Why there is no mount.
package enum SessionError: Error, Equatable, Sendable, CustomStringConvertible {
    /// Kernel, fusermount3 or libfuse refused.
    case refused(mountPoint: String, reason: String)
    /// An option that a FUSE mount does not take.
    case badOption(String)

    package var description: String {
        switch self {
        case .refused(let mountPoint, let reason): "\(mountPoint): cannot mount: \(reason)"
        case .badOption(let option): "mount option '\(option)' is not known"
        }
    }
}
