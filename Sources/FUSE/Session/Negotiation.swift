// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import CFuse3
import Primitives

/// Chooses the capabilities of a mount when the kernel asks (INIT).
final class Negotiation: Sendable {
    private let switches: Switches
    let agreed = Locked(Negotiated())
    /// Flags beyond libfuse's knowledge that we want, and those that INIT is still to be answered with.
    private let wantedBesides: InitFlags
    private let besides = Locked(InitFlags())
    private let mayUseRings: Bool

    /// - Parameters:
    ///   - mayBeIDMapped: Whether the kernel would take that: it fails the whole mount where it does not check permissions
    ///     by itself.
    ///   - mayUseRings: Whether nobody else may go on with the connection later: what is in a ring is lost with its process,
    ///     and nobody else knows of files that the kernel was given.
    init(_ switches: Switches, mayBeIDMapped: Bool, mayUseRings: Bool) {
        self.switches = switches
        self.mayUseRings = mayUseRings && switches.ioUring
        var wanted: InitFlags = mayBeIDMapped && switches.idmappedMounts ? .allowIDMap : []
        if mayUseRings && switches.passthrough { wanted.insert(.passthrough) }
        wantedBesides = wanted
    }

    /// Looks at the kernel's INIT before libfuse answers it.
    ///
    /// - Parameter prepareRings: Makes ready for requests through rings, when the kernel offers that; false when it failed.
    func begin(_ request: Request, preparingRings prepareRings: () -> Bool) {
        let offered = InitFlags(offeredIn: request)
        var wanted = wantedBesides.intersection(offered)
        if mayUseRings, offered.contains(.overIOUring), prepareRings() { wanted.insert(.overIOUring) }
        besides.withLock { $0 = wanted }
    }

    /// Adds to the answer to INIT what libfuse does not know of; leaves later answers alone.
    func amend(_ answer: UnsafeMutableRawBufferPointer) {
        var added = besides.withLock { flags in
            defer { flags = [] }
            return flags
        }
        // Each reply has to fit into the memory that we lend the kernel.
        if InitFlags.largestPayload(inAnswer: UnsafeRawBufferPointer(answer)) > ReplyBuffer.capacity {
            added.remove(.overIOUring)
        }
        guard !added.isEmpty, added.add(toAnswer: answer) else { return }
        agreed.withLock { agreed in
            agreed.usesRings = added.contains(.overIOUring)
            // In a ring each reply is in the memory that the kernel was lent.
            if agreed.usesRings { agreed.capabilities.removeAll { $0 == Negotiation.splice } }
            agreed.capabilities = (agreed.capabilities + added.names).sorted()
            agreed.passesThrough = added.contains(.passthrough)
        }
    }

    /// Runs inside libfuse's INIT, on the serving thread.
    func agree(_ connection: inout fuse_conn_info) {
        for capability in Negotiation.wanted(switches) { connection.want |= connection.capable & capability.bit }
        for capability in Negotiation.unwanted(switches) { connection.want &= ~capability.bit }
        // Reads that wait for bytes count against this: with the usual 12 a dozen of them would keep all others waiting. The
        // kernel takes less from ordinary users when the administrator says so.
        connection.max_background = Negotiation.waitingReads
        connection.congestion_threshold = Negotiation.waitingReads
        var result = Negotiated()
        result.major = connection.proto_major
        result.minor = connection.proto_minor
        result.maxReadahead = connection.max_readahead
        let wanted = Negotiation.all.filter { connection.want & $0.bit != 0 }.map(\.name)
        result.capabilities = (wanted + (switches.splice ? [Negotiation.splice] : [])).sorted()
        agreed.withLock { $0 = result }
    }

    /// Reads ahead, and of pages that are missing, that may be on their way at once: as many as the protocol can say.
    private static let waitingReads: UInt32 = 65535

    struct Capability: Sendable {
        let name: String
        let bit: UInt32

        init(_ name: String, _ bit: Int32) {
            self.name = name
            self.bit = UInt32(bitPattern: bit)
        }
    }

    private static let readdirplus = Capability("READDIRPLUS", Int32(FUSE_CAP_READDIRPLUS))
    private static let cacheSymlinks = Capability("CACHE_SYMLINKS", Int32(FUSE_CAP_CACHE_SYMLINKS))
    private static let asyncRead = Capability("ASYNC_READ", Int32(FUSE_CAP_ASYNC_READ))
    private static let parallel = Capability("PARALLEL_DIROPS", Int32(FUSE_CAP_PARALLEL_DIROPS))
    /// What is among the capabilities in use when replies may come through a pipe: the kernel takes them from everybody, and
    /// libfuse, which has this name for it, has no part in it.
    private static let splice = "SPLICE_WRITE"
    /// What libfuse asks for by itself and a tree that never changes has no use for.
    private static let useless = [
        // The kernel would ask for the attributes of a directory's first entries only; in a long one a LOOKUP of each of the
        // rest follows when they are looked at. Whether attributes are worth it the listing decides.
        Capability("READDIRPLUS_AUTO", Int32(FUSE_CAP_READDIRPLUS_AUTO)),
        Capability("AUTO_INVAL_DATA", Int32(FUSE_CAP_AUTO_INVAL_DATA)),
        Capability("ATOMIC_O_TRUNC", Int32(FUSE_CAP_ATOMIC_O_TRUNC)),
        Capability("SPLICE_READ", Int32(FUSE_CAP_SPLICE_READ)),
        Capability("HANDLE_KILLPRIV", Int32(FUSE_CAP_HANDLE_KILLPRIV)),
        Capability("POSIX_LOCKS", Int32(FUSE_CAP_POSIX_LOCKS)),
        Capability("FLOCK_LOCKS", Int32(FUSE_CAP_FLOCK_LOCKS)),
    ]

    private static var all: [Capability] {
        [readdirplus, cacheSymlinks, asyncRead, parallel] + useless
    }

    static func wanted(_ switches: Switches) -> [Capability] {
        switchable(switches).filter { $0.on }.map(\.capability)
    }

    static func unwanted(_ switches: Switches) -> [Capability] {
        useless + switchable(switches).filter { !$0.on }.map(\.capability)
    }

    private static func switchable(_ switches: Switches) -> [(capability: Capability, on: Bool)] {
        [
            (readdirplus, switches.readdirplus), (cacheSymlinks, switches.symlinkCache),
            (asyncRead, switches.asyncRead),
            (parallel, switches.parallelDirectoryOperations),
        ]
    }
}
