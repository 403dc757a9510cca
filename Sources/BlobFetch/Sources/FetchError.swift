// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Why bytes of a blob could not be had.
///
/// `source` is the name of the source, free of secrets.
public enum FetchError: Error, Equatable, Sendable {
    /// The source cannot be reached.
    case unreachable(source: String, reason: String)
    /// The source did not answer in time.
    case timeout(source: String, reason: String)
    /// The source refuses us.
    case denied(source: String, reason: String)
    /// The source has no such blob.
    case notFound(source: String, reason: String)
    /// The source has another blob under that name than when it was first asked.
    case changed(source: String, reason: String)
    /// The source's answer is not what was asked for: wrong range, wrong length, wrong form.
    case badAnswer(source: String, reason: String)
    /// Bytes do not have their digest.
    case digestMismatch(source: String, reason: String)
    /// Nobody wants the bytes any more.
    case cancelled
    /// Nothing may be fetched, and the bytes are not cached.
    case offline(source: String)
    /// The cache's own file system failed.
    case cache(reason: String)
}

extension FetchError: CustomStringConvertible {
    /// The error as a sentence.
    public var description: String {
        switch self {
        case .unreachable(let source, let reason): "\(source): cannot be reached: \(reason)"
        case .timeout(let source, let reason): "\(source): no answer in time: \(reason)"
        case .denied(let source, let reason): "\(source): access denied: \(reason)"
        case .notFound(let source, let reason): "\(source): not found: \(reason)"
        case .changed(let source, let reason): "\(source): the blob has changed: \(reason)"
        case .badAnswer(let source, let reason): "\(source): wrong answer: \(reason)"
        case .digestMismatch(let source, let reason): "\(source): wrong digest: \(reason)"
        case .cancelled: "nobody waits for the bytes any more"
        case .offline(let source): "\(source): not cached, and nothing is fetched offline"
        case .cache(let reason): "cache: \(reason)"
        }
    }

    /// Whether another source may have what this one could not give.
    public var mayTryElsewhere: Bool {
        switch self {
        case .cancelled, .offline, .cache: false
        default: true
        }
    }

    /// Whether the same request may succeed at another time.
    public var isPassing: Bool {
        switch self {
        case .unreachable, .timeout, .offline: true
        default: false
        }
    }
}
