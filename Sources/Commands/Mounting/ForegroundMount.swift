// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import FUSE
import Glibc
import ImageMount
import ImageReader
import Primitives

/// Serves one mount from this process, until it is unmounted or told to end.
struct ForegroundMount {
    let image: String
    let mountPoint: String
    let settings: ImageSettings
    let logFile: String?
    /// Where to say that the mount answers; nil when nobody waits for it.
    let readyDescriptor: Int32?

    /// Mounts, serves and unmounts, on the thread that calls it: the main thread, where signals arrive.
    func run() throws {
        // Before any other thread starts, so that all of them hold the signals back.
        let signals = try SignalWatch()
        let log = try MountLog(path: logFile, isAttached: readyDescriptor == nil)
        let assembly = try ImageAssembly(image, settings, report: log.write)
        let session = try makeSession()
        let server = ImageServer(
            assembly.reader, channel: session, switches: settings.switches, workerLimit: Int(settings.workers),
            report: log.write)
        let state = MountState(assembly: assembly, server: server, session: session, settings: settings)
        let control = try? ControlServer(mountPoint: session.mountPoint, state)
        let announcer = try announce(session, log)
        var loop = ServingLoop(session, signals: signals)
        let end = loop.run(server)
        server.stop()
        session.close()
        control?.stop()
        announcer?.join()
        if case .failed(let error) = end { throw error }
    }

    private func makeSession() throws -> Session {
        var options = settings.mountOptions
        if options.source == "swift-erofs-fuse" { options.source = image }
        guard let path = realpath(mountPoint, nil) else { throw SystemError("mount", on: mountPoint) }
        defer { free(path) }
        let isDescriptor = mountPoint.hasPrefix("/dev/fd/")
        return try Session(
            mountPoint: isDescriptor ? mountPoint : String(cString: path), options: options, switches: settings.switches
        )
    }

    /// Says that the mount is ready once it really answers: the first statfs(2) goes through the kernel and back.
    private func announce(_ session: Session, _ log: MountLog) throws(SystemError) -> NamedThread? {
        guard let readyDescriptor else { return nil }
        let mountPoint = session.mountPoint
        return try NamedThread("announce") {
            var statistics = statvfs()
            if statvfs(mountPoint, &statistics) == 0 {
                var byte: UInt8 = 1
                write(readyDescriptor, &byte, 1)
            }
            close(readyDescriptor)
            log.detach()
        }
    }
}
