// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// A file that is written in one step: others see the old one or the new one, whole, even after a crash.
package enum ReplacedFile {
    /// Puts `bytes` at `path`; when that fails, what was there stays.
    ///
    /// - Parameter mode: The permissions of the new file, less the process's mask.
    package static func write(_ bytes: [UInt8], to path: String, mode: UInt32 = 0o600) throws(SystemError) {
        let draft = "\(path).\(getpid())"
        let file: Descriptor
        do throws(SystemError) {
            file = try Descriptor.open(draft, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW, mode: mode)
        } catch {
            // The draft's name means nothing to whoever gave the path.
            throw SystemError(error.call, on: path, code: error.code)
        }
        // Synced first: after a crash the name must not stand for an empty file.
        guard bytes.withUnsafeBytes({ WholeWrite.write($0, to: file.raw) }), fsync(file.raw) == 0,
            rename(draft, path) == 0
        else {
            let error = SystemError("write", on: path)
            unlink(draft)
            throw error
        }
    }
}
