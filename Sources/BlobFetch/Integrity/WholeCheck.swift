// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
import Fscache
import Primitives

/// How far the check of a whole blob has come.
enum WholeCheck {
    /// The blob was not whole yet.
    case waiting
    /// A thread is at it.
    case running
    /// The blob was wrong and is fetched anew; it is checked a second time when it is whole again.
    case secondChance
    /// Twice wrong: the sources have another blob. Nothing more is fetched.
    case condemned
}

// The check of a whole blob, in the background, when its last hole closes.
extension Blob {
    /// Starts the check, if the blob is whole and was not checked.
    func checkIfWhole() {
        guard let digest, !cookie.isVerified, cookie.isWhole else { return }
        let previous: WholeCheck? = state.withLock { state in
            guard state.wholeCheck == .waiting || state.wholeCheck == .secondChance else { return nil }
            defer { state.wholeCheck = .running }
            return state.wholeCheck
        }
        guard let previous else { return }
        let thread = try? NamedThread("blob-verify") { [self] in
            let next = check(digest, previous)
            state.withLock { $0.wholeCheck = next }
            if next == .secondChance { fetchAnew() }
        }
        if thread == nil { state.withLock { $0.wholeCheck = previous } }
    }

    private func check(_ digest: Digest, _ previous: WholeCheck) -> WholeCheck {
        let removals = cookie.removals
        // Unreadable or taken out meanwhile: it will be whole another time.
        guard let found = wholeDigest(digest.algorithm), cookie.removals == removals else { return previous }
        if found == digest {
            cookie.noteVerified(removals: removals)
            return .waiting
        }
        let copy = try? cookie.quarantine()
        report(.quarantined(blob: name, copy: copy ?? nil))
        return previous == .waiting ? .secondChance : .condemned
    }

    private func wholeDigest(_ algorithm: Digest.Algorithm) -> Digest? {
        var stream = DigestStream(algorithm)
        var piece = [UInt8](repeating: 0, count: 1 << 20)
        var offset: UInt64 = 0
        while offset < size {
            let count = try? piece.withUnsafeMutableBytes { try cookie.peek(into: $0, at: offset, waiting: true) }
            guard let count, count > 0 else { return nil }
            piece[..<count].withUnsafeBytes { stream.update($0) }
            offset += UInt64(count)
        }
        return stream.finish()
    }

    /// Fetches everything, a piece at a time, until something fails.
    private func fetchAnew() {
        let step: UInt64 = 8 << 20
        for start in stride(from: 0, to: size, by: UInt64.Stride(step)) {
            let answer = Answer<FetchError?>()
            let ticket = ensure(start..<min(size, start + step), priority: .background) { answer.give($0) }
            guard ticket == nil || answer.wait() == nil else { return }
        }
    }
}
