// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Glibc
import Primitives
import TestSupport
import Testing

@Suite struct KernelSettingTests {
    @Test func isTheNumberInItsFile() throws {
        let directory = try TemporaryDirectory()
        let path = directory.path("setting")
        let setting = KernelSetting(path)
        #expect(setting.number == nil)
        for (text, number) in [("128\n", 128), ("-1\n", -1), ("0", 0), ("8192 kB\n", 8192)] {
            try write(text, to: path)
            #expect(setting.number == number)
        }
        for text in ["", "\n", "Y\n", "99999999999999999999\n"] {
            try write(text, to: path)
            #expect(setting.number == nil)
        }
        #expect(setting.set(512))
        #expect(setting.number == 512)
        #expect(!KernelSetting(directory.path("none/setting")).set(512))
    }

    @Test(.enabled(if: access("/sys/dev/block", R_OK) == 0, "no sysfs"))
    func aFileOnNoDiskHasNoDisksReadAhead() throws {
        #expect(try Descriptor.open("/proc/self/stat", O_RDONLY).diskReadAhead == nil)
    }

    /// A disk that this process may open.
    private static let disk = (try? FileManager.default.contentsOfDirectory(atPath: "/sys/block"))?
        .first { access("/dev/\($0)", R_OK) == 0 && access("/sys/block/\($0)/queue/read_ahead_kb", R_OK) == 0 }

    @Test(.enabled(if: disk != nil, "no disk that may be opened")) func aDiskHasItsOwnReadAhead() throws {
        let name = try #require(KernelSettingTests.disk)
        let told = try #require(KernelSetting("/sys/block/\(name)/queue/read_ahead_kb").number)
        #expect(try Descriptor.open("/dev/\(name)", O_RDONLY).diskReadAhead == told << 10)
    }
}
