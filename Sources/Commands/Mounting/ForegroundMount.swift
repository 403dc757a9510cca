// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import FUSE
import Fscache
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
        let place = try absoluteMountPoint()
        if let path = settings.prefetch.record { try PrefetchList.checkPlace(path) }
        MountMetrics.start()
        let log = try MountLog(path: logFile, isAttached: readyDescriptor == nil)
        let assembly = try ImageAssembly(image, settings, report: log.write)
        defer {
            assembly.filler?.stop()
            // The last of all: it may take as long as the disk likes.
            assembly.volume?.cache.flush()
        }
        let plan = try PrefetchPlan(settings.prefetch, of: assembly)
        assembly.fetchFirstNeeds()
        // Before the mount: the first reader comes right behind it.
        let prefetch = try plan?.start()
        var mountSettings = ServedMount.Settings()
        mountSettings.switches = settings.switches
        mountSettings.workers = Int(settings.workers)
        mountSettings.servingThreads = settings.servingThreads
        mountSettings.owners = settings.owners
        mountSettings.kernelReadAhead = settings.kernelReadAhead.map { .bytes($0) } ?? assembly.kernelReadAhead
        mountSettings.showsCacheMap = settings.showsCacheMap
        let ready = log.whenReady(readyDescriptor)
        let mount = try ServedMount(
            assembly.reader, on: place, options: mountOptions, settings: mountSettings, log: log.write, ready: ready)
        let state = MountState(assembly, mount, mountPoint: place, settings, prefetch)
        let control = try? ControlServer(mountPoint: place, ControlAnswers(state: state))
        defer { control?.stop() }
        let end = mount.serve(signals)
        prefetch?.stop()
        // At once: umount(8) does not wait for us, and whoever called it may want the list.
        try writeRecord()
        if case .failed(let error) = end { throw error }
    }

    /// Writes what readers waited for, if that is wanted.
    private func writeRecord() throws(SystemError) {
        guard let path = settings.prefetch.record, let recorder = settings.fetch.recorder else { return }
        try PrefetchList.write(recorder.touches, to: path)
    }

    private var mountOptions: MountOptions {
        var options = settings.mountOptions
        if options.source == MountOptions().source { options.source = image }
        // Root may do everything by Linux's own checks, which then cost no request; to anybody else an image that belongs to
        // root would be closed.
        if !mountPoint.hasPrefix("/dev/fd/"), UserNamespace.current.isRootOfRange {
            _ = options.take("default_permissions")
        }
        return options
    }

    /// The mount point's real path; `/dev/fd/N`, a device that somebody else has mounted, stays as it is.
    private func absoluteMountPoint() throws(SystemError) -> String {
        if mountPoint.hasPrefix("/dev/fd/") { return mountPoint }
        guard let path = realpath(mountPoint, nil) else { throw SystemError("mount", on: mountPoint) }
        defer { free(path) }
        var status = stat()
        // A tree at a file would be one that nobody can enter.
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFDIR {
            throw SystemError("mount", on: mountPoint, code: ENOTDIR)
        }
        return String(cString: path)
    }
}
