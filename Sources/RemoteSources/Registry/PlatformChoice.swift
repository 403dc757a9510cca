// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Which image of an index is wanted.
struct PlatformChoice: Equatable {
    /// The operating system, `linux`.
    let os: String
    /// The processor, by its name in Go.
    let architecture: String
    /// The kind of processor; nil for any.
    let variant: String?

    /// Reads `os/architecture[/variant]`; nil stands for this machine.
    init?(_ text: String?) {
        guard let text else {
            self.init(os: "linux", architecture: Self.machine, variant: nil)
            return
        }
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        self.init(os: parts[0], architecture: parts[1], variant: parts.count == 3 ? parts[2] : nil)
    }

    private init(os: String, architecture: String, variant: String?) {
        (self.os, self.architecture, self.variant) = (os, architecture, variant)
    }

    private static var machine: String {
        #if arch(x86_64)
            "amd64"
        #elseif arch(arm64)
            "arm64"
        #elseif arch(riscv64)
            "riscv64"
        #else
            "unknown"
        #endif
    }

    /// The entry to take: of those for the platform, one that can be loaded lazily before a plain one.
    ///
    /// Entries without a platform fit any, after those that name it; attestations name `unknown` and fit none.
    func choose(_ entries: [Manifest.Descriptor]) -> Manifest.Descriptor? {
        let named = entries.filter { fits($0.platform) }
        let fitting = named.isEmpty ? entries.filter { $0.platform == nil } : named
        return fitting.first { $0.isNydus } ?? fitting.first
    }

    private func fits(_ platform: Manifest.Platform?) -> Bool {
        guard let platform, platform.os == os, platform.architecture == architecture else { return false }
        return variant == nil || platform.variant == nil || platform.variant == variant
    }
}
