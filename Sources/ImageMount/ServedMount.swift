// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

package import FUSE
import Glibc
package import ImageReader
import Primitives

/// An image mounted on a directory.
///
/// Made and served by one thread, normally the main one; `status` may be asked from any.
package final class ServedMount: Sendable {
    /// Settings of a mount.
    package struct Settings: Sendable {
        /// What is asked of the kernel.
        package var switches = Switches()
        /// Threads at most for what would make the serving thread wait.
        package var workers = 4
        /// Threads at most that serve requests; nil leaves it to the machine.
        package var servingThreads: Int?
        /// How far the kernel shall read ahead, where this process may say so.
        package var kernelReadAhead = KernelReadAhead.Wish.none
        /// Whether listings leave out attributes of files until somebody looks at files.
        package var adaptiveListings = true
        /// Whom the files belong to.
        package var owners = OwnerMap()
        /// Whether files have the attribute `user.fscache.map`, which tells what of them is cached.
        package var showsCacheMap = false

        package init() {}
    }

    private let session: Session
    private let server: ImageServer
    private let companions: Companions<ImageServer>
    private let rings: RingThreads<ImageServer>

    /// Mounts the image on `mountPoint`; it answers once ``serve(_:)`` runs.
    ///
    /// - Parameters:
    ///   - log: Takes lines about damage in the image, from any thread.
    ///   - ready: Called once, on the serving thread, when the mount answers.
    package init(
        _ reader: ImageReader, on mountPoint: String, options: MountOptions, settings: Settings = Settings(),
        log: @escaping @Sendable (String) -> Void, ready: @escaping @Sendable () -> Void
    ) throws(SessionError) {
        var switches = settings.switches
        var copies: PrivateCopies?
        if switches.passthrough {
            do throws(PrivateCopyError) {
                copies = try PrivateCopies(of: reader)
            } catch {
                log("no files are passed through to the kernel: \(error)")
                switches.passthrough = false
            }
        }
        if !LocalFile.knowsWhatIsCached { switches.splice = false }
        session = try Session(mountPoint: mountPoint, options: options, switches: switches)
        let answerer = Answerer(
            reader, validity: settings.switches.validity, listing: ListingMode(adaptive: settings.adaptiveListings),
            owners: settings.owners, showsCacheMap: settings.showsCacheMap)
        let session = session
        var afterwards: (@Sendable () -> Void)?
        if settings.kernelReadAhead != .none {
            afterwards = {
                let splices = session.splices && !session.negotiated.usesRings
                let bytes = settings.kernelReadAhead.bytes(splices: splices)
                if let bytes { KernelReadAhead(mountPoint: mountPoint)?.set(bytes) }
            }
        }
        let passing = copies.map { Passing(files: PassedFiles(session, log: log), copies: $0) }
        let limits = CompanionLimits(
            serving: settings.servingThreads ?? ServingLoop.threads,
            waiting: settings.servingThreads ?? ServingLoop.threadsForDisk)
        let atDevice = limits.most + 1
        let plan = settings.switches.ioUring ? RingPlan.here(limit: settings.servingThreads) : nil
        server = ImageServer(
            answerer, channel: session, workers: settings.workers, seats: atDevice + (plan?.threadCount ?? 0),
            passing: passing, log: log, ready: ready, afterwards: afterwards)
        companions = Companions(session, server, limits: limits)
        rings = RingThreads(session, server, plan, firstSeat: atDevice)
    }

    /// Serves until the tree is unmounted or a signal comes, and unmounts it.
    ///
    /// Does not wait for fetches that hang.
    package func serve(_ signals: SignalWatch) -> ServingLoop.End {
        var loop = ServingLoop(session, signals: signals)
        let end = loop.run(server, rings: rings, callingFor: companions.call)
        companions.stop()
        server.stop()
        // After the last replies have been made, which they still commit.
        rings.stop()
        session.close()
        guard rings.hasFailed, end != .unmounted else { return end }
        return .failed(SystemError("io_uring_enter", on: "/dev/fuse", code: EIO))
    }

    /// What the mount has done so far.
    package var status: MountStatus {
        var result = server.status()
        result.negotiated = session.negotiated
        if let bytes = KernelReadAhead(mountPoint: session.mountPoint)?.bytes {
            result.negotiated.maxReadahead = UInt32(clamping: bytes)
        }
        return result
    }
}
