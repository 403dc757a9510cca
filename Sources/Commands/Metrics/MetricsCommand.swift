// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `metrics`: the figures of a mount, for Prometheus.
struct MetricsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "metrics", abstract: "Prints a mount's figures as Prometheus reads them.",
        discussion: "For a node exporter's folder: swift-erofs-fuse metrics /mnt > /var/lib/node_exporter/mnt.prom")

    @Argument(help: "The directory that the image is shown at.")
    var mountPoint: String

    func run() throws { StandardOutput.write(try ControlSocket.ask("metrics", mountPoint: mountPoint)) }
}
