// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import TestSupport
import Testing

@testable import Commands

@Suite struct DoctorTests {
    /// A machine in a directory, where nothing is.
    private let machine: Machine
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        machine = Machine(
            root: directory.path("root"), user: 1000, userName: "ann", searchPath: "/bin",
            kernelRelease: "6.1.0-18-amd64")
        for path in [
            "", "/bin", "/dev", "/etc", "/proc", "/proc/sys", "/proc/sys/user", "/proc/sys/kernel", "/proc/self",
        ] {
            try #require(mkdir(machine.root + path, 0o755) == 0)
        }
    }

    private func put(_ text: String, at path: String) throws { try write(text, to: machine.root + path) }

    @Test func whatIsAbsentIsLackingAndHasAMending() {
        let checks = MountingChecks(machine: machine)
        #expect(checks.device.state == .lacking)
        #expect(checks.device.mending?.contains("sudo modprobe fuse") == true)
        #expect(checks.fusermount == .lacking("fusermount3", "is not installed", mending: "sudo apt-get install fuse3"))
        #expect(checks.others.state == .hint)
        #expect(NamespaceChecks(machine: machine).namespaces.state == .lacking)
        #expect(NamespaceChecks(machine: machine).mapping.map(\.state) == [.lacking, .lacking])
        #expect(KernelChecks(machine: machine).overlay.state == .lacking)
    }

    @Test func aFileIsNoDevice() throws {
        try put("", at: "/dev/fuse")
        #expect(MountingChecks(machine: machine).device.found == "is no device")
    }

    @Test func fusermountNeedsRootsPower() throws {
        try put("", at: "/bin/fusermount3")
        try #require(chmod(machine.root + "/bin/fusermount3", 0o755) == 0)
        #expect(MountingChecks(machine: machine).fusermount.found.contains("does not run as root"))
        try put("0 1000 1\n", at: "/proc/self/uid_map")
        #expect(MountingChecks(machine: machine).fusermount.state == .good)
    }

    @Test(
        arguments: [
            ("user_allow_other\n", true), ("  user_allow_other # yes\n", true), ("#user_allow_other\n", false),
            ("user_allow_others\n", false), ("mount_max = 1000\nuser_allow_other", true), ("", false),
        ])
    func fuseConfigurationsAreRead(text: String, allows: Bool) {
        #expect(MountingChecks.allowsOthers(text) == allows)
    }

    @Test(arguments: ["max_user_namespaces", "unprivileged_userns_clone", "apparmor_restrict_unprivileged_userns"])
    func eachSwitchForbidsNamespaces(name: String) throws {
        let forbids = name.hasPrefix("apparmor") ? "1\n" : "0\n"
        try put("15000\n", at: "/proc/sys/user/max_user_namespaces")
        #expect(NamespaceChecks(machine: machine).namespaces.state == .good)
        try put(forbids, at: "/proc/sys/\(name.hasPrefix("max") ? "user" : "kernel")/\(name)")
        let finding = NamespaceChecks(machine: machine).namespaces
        #expect(finding.state == .lacking)
        #expect(finding.mending?.contains(name) == true)
    }

    @Test func subordinateRangesAreFoundByNameAndNumber() throws {
        try put("bob:100000:65536\nann:1:2:3\nann:x:9\nann:200000:10\n1000:300000:65536\n", at: "/etc/subuid")
        let checks = NamespaceChecks(machine: machine)
        #expect(checks.subordinate("subuid") == .good("/etc/subuid", "65536 uids from 300000 on"))
        #expect(checks.subordinate("subgid").state == .lacking)
        try put("ann:200000:10\n", at: "/etc/subgid")
        #expect(checks.subordinate("subgid").state == .hint)
        var root = machine
        root.user = 0
        #expect(NamespaceChecks(machine: root).subordinate("subgid").state == .good)
    }

    @Test(
        arguments: [
            ("6.1.0-18-amd64", KernelVersion(6, 1)), ("5.11-rc1", KernelVersion(5, 11)), ("4", nil), ("x.y", nil),
        ] as [(String, KernelVersion?)])
    func kernelReleasesAreRead(release: String, version: KernelVersion?) {
        #expect(KernelVersion(release: release) == version)
    }

    @Test func oldKernelsLackSomething() throws {
        var old = machine
        old.kernelRelease = "4.9.0"
        #expect(KernelChecks(machine: old).version.state == .lacking)
        old.kernelRelease = "5.10.0"
        #expect(KernelChecks(machine: old).version.state == .hint)
        #expect(KernelChecks(machine: machine).version.state == .good)
        try put("nodev\toverlay\n", at: "/proc/filesystems")
        #expect(KernelChecks(machine: old).overlay.mending == "sudo apt-get install fuse-overlayfs")
        #expect(KernelChecks(machine: machine).overlay.state == .good)
    }

    @Test func ringsAreUsedWhereTheAdministratorLetsThem() throws {
        let checks = KernelChecks(machine: machine)
        // A kernel that has none is as it should be.
        #expect(checks.rings.state == .good)
        for path in ["/sys", "/sys/module", "/sys/module/fuse", "/sys/module/fuse/parameters"] {
            try #require(mkdir(machine.root + path, 0o755) == 0)
        }
        let setting = "/sys/module/fuse/parameters/enable_uring"
        try put("N\n", at: setting)
        #expect(checks.rings.state == .hint)
        #expect(checks.rings.mending?.hasPrefix("sudo sh -c 'echo 1 > \(setting)'") == true)
        try put("Y\n", at: setting)
        #expect(checks.rings == .good("io_uring", "carries the requests of new mounts"))
        try put("1\n", at: "/proc/sys/kernel/io_uring_disabled")
        #expect(checks.rings.mending == "sudo sysctl kernel.io_uring_disabled=0")
        var root = machine
        root.user = 0
        #expect(KernelChecks(machine: root).rings.state == .good)
        try put("2\n", at: "/proc/sys/kernel/io_uring_disabled")
        #expect(KernelChecks(machine: root).rings.state == .hint)
    }

    @Test func ownMountsAreFoundInTheTable() {
        let table = #"""
            22 1 8:1 / / rw shared:1 - ext4 /dev/sda1 rw
            90 22 0:44 / /home/ann/a\040b ro,nosuid - fuse.swift-erofs-fuse image ro,user_id=1000
            91 22 0:45 / /mnt/sshfs rw - fuse.sshfs host: rw
            92 22 0:46 / /mnt/c ro - fuse.swift-erofs-fuse image ro
            broken line - fuse.swift-erofs-fuse
            """#
        #expect(OwnMounts(table).places == ["/home/ann/a b", "/mnt/c"])
        #expect(OwnMounts(table).owner(of: "/home/ann/a b") == 1000)
        #expect(OwnMounts(table).owner(of: "/mnt/c") == nil)
        #expect(OwnMounts(table).owner(of: "/mnt/sshfs") == nil)
    }
}
