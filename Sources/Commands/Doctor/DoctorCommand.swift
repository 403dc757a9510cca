// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// `doctor`: what this machine lacks, and what mends it.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor",
        abstract: "What this machine lacks for mounts and for containers on them; exit code 1 if anything.")

    @Flag(help: "Unmount what a killed server has left behind.")
    var clean = false

    @Flag(help: "For other programs.")
    var json = false

    func run() throws {
        let machine = Machine()
        let findings =
            MountingChecks(machine: machine).findings + NamespaceChecks(machine: machine).findings
            + KernelChecks(machine: machine).findings + (try mounts(machine))
        StandardOutput.write(json ? JSON.text(findings) : findings.map(\.lines).joined())
        if findings.contains(where: { $0.state == .lacking }) { throw Failure(code: 1) }
    }

    /// One finding for each mount that does not answer, or one for all of them.
    private func mounts(_ machine: Machine) throws -> [Finding] {
        let name = "mounts"
        let places = OwnMounts(machine.text("/proc/self/mountinfo") ?? "").places
        let findings = places.compactMap { place -> Finding? in
            switch OwnMounts.health(of: place) {
            case .answering, .hidden: nil
            case .stale: clean ? cleaned(place) : stale(place)
            case .silent:
                .lacking(
                    name, "\(place) does not answer: its server is stopped or hangs",
                    mending: "swift-erofs-fuse umount --lazy \(place)")
            }
        }
        return findings.isEmpty ? [.good(name, "\(places.count) of this program, none stale")] : findings
    }

    private func stale(_ place: String) -> Finding {
        .lacking("mounts", "\(place) is stale: its server was killed", mending: "swift-erofs-fuse doctor --clean")
    }

    private func cleaned(_ place: String) -> Finding {
        do {
            try Unmounting.unmount(place, lazily: true)
            return .good("mounts", "\(place) was stale, and is unmounted now")
        } catch {
            return .lacking(
                "mounts", "\(place) is stale, and cannot be unmounted: \(error)", mending: "sudo umount -l \(place)")
        }
    }
}
