// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import FUSE
import Glibc
import LayerStore
import Primitives

/// `layer-store`: shows container tools the layers of images without their being pulled.
struct LayerStoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "layer-store", abstract: "Gives podman and CRI-O the layers of images as they are read.",
        discussion: """
            In storage.conf: additionallayerstores = ["DIR:ref"]. A layer is taken from here when an index of it lies in \
            the image's repository; without one the container tool pulls it as ever.
            """)

    @Argument(help: "The directory that storage.conf names.")
    var directory: String

    @OptionGroup var options: ImageOptions

    @OptionGroup var owners: OwnerOptions

    @Option(help: "After how long a layer is closed that nobody reads; it opens again when asked (default: 10m).")
    var idle: String?

    @Flag(name: [.customLong("foreground"), .customShort("f")], help: "Stay attached to the terminal.")
    var foreground = false

    @Option(help: "The file that takes what goes wrong (default: nowhere).")
    var logFile: String?

    @Option(help: .hidden) var readyFd: Int32?

    func run() throws {
        let settings = try options.settings(and: owners.flags)
        guard !settings.switches.passthrough else {
            throw UsageError.badValue(
                "passthrough", text: "true", wanted: "off: files of a layer store are not passed through")
        }
        let idle = try patience()
        guard foreground else {
            return try BackgroundStart.run("layer-store", Array(CommandLine.arguments.dropFirst()))
        }
        let signals = try SignalWatch()
        let log = try MountLog(path: logFile, isAttached: readyFd == nil)
        let provider = try RegistryLayers(settings, log: log.write)
        let store = try ServedStore(
            provider, on: directory, options: settings.mountOptions, switches: settings.switches, idle: idle,
            ready: log.whenReady(readyFd))
        defer { provider.flush() }
        if case .failed(let error) = try store.serve(signals) { throw error }
    }

    private func patience() throws(UsageError) -> UInt64 {
        let text = idle ?? "10m"
        guard let span = TimeSpan(text), (100...86_400_000).contains(span.milliseconds) else {
            throw .badValue("idle", text: text, wanted: "a time such as 500ms, 20s or 2m, a day at most")
        }
        return span.milliseconds
    }
}
