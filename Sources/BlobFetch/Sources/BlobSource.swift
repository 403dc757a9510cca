// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// Where the bytes of one blob come from.
///
/// Every call returns at once; its completion comes exactly once, on a thread of the source, and must not block it.
public protocol BlobSource: AnyObject, Sendable {
    /// What to call the source in messages; free of secrets.
    var name: String { get }

    /// Learns the blob's size, and what tells this blob from another under the same name.
    func identify(_ completion: @escaping @Sendable (Result<BlobIdentity, FetchError>) -> Void)

    /// Reads a range of the blob that `identity` describes; if the source has another blob by now, `.changed`.
    ///
    /// The bytes go to `target` in order, without gaps; all of them, or the read has failed.
    func read(
        _ range: Range<UInt64>, of identity: BlobIdentity, into target: any FetchTarget, priority: FetchPriority,
        _ completion: @escaping @Sendable (Result<Void, FetchError>) -> Void
    ) -> any FetchHandle

    /// The smallest range that contains `range` and that the source can deliver; most deliver any.
    func unitRange(covering range: Range<UInt64>) -> Range<UInt64>

    /// Whether ``unitRange(covering:)`` knows by now; if not, it will when ``identify(_:)`` has succeeded.
    var knowsUnits: Bool { get }

    /// Bytes that it has moved so far, where these are others than those that it delivers: packed ones, and tables.
    var movedBytes: UInt64? { get }
}

extension BlobSource {
    /// The range itself: such a source delivers any.
    public func unitRange(covering range: Range<UInt64>) -> Range<UInt64> { range }

    /// Such a source has no units to learn.
    public var knowsUnits: Bool { true }

    /// Such a source delivers what it moves.
    public var movedBytes: UInt64? { nil }
}

/// A place that has blobs by name, such as a directory or a registry: what a remote URL stands for.
public protocol BlobRemote: AnyObject, Sendable {
    /// What to call the remote in messages; free of secrets.
    var name: String { get }

    /// The source of the blob called `blob`, a name that comes from an image and is not to be trusted.
    ///
    /// Nothing is asked over the network yet.
    func source(for blob: String) throws(FetchError) -> any BlobSource
}

/// What is known of a blob before any of its bytes.
public struct BlobIdentity: Equatable, Sendable {
    /// Bytes of the blob.
    public var size: UInt64
    /// An entity tag, digest or the like; equal for equal bytes.
    public var validator: String?

    /// The identity of a blob of `size` bytes.
    public init(size: UInt64, validator: String? = nil) {
        self.size = size
        self.validator = validator
    }
}

/// Takes the bytes of one read as they arrive.
public protocol FetchTarget: AnyObject, Sendable {
    /// Forgets what was received: the source begins again from the start of the range.
    func restart()

    /// Takes the next bytes, which are valid during the call only. An error ends the read with that error.
    func receive(_ bytes: UnsafeRawBufferPointer) throws(FetchError)

    /// Memory where the next `count` bytes are to lie, for a source that makes them instead of having them; nil when they
    /// can only be handed over.
    ///
    /// Valid until the next call. Nothing counts as received before ``filled(_:)``.
    func room(for count: Int) -> UnsafeMutableRawBufferPointer?

    /// Takes the next `count` bytes, which lie where ``room(for:)`` said.
    func filled(_ count: Int)
}

extension FetchTarget {
    /// No memory: such a target wants its bytes handed over.
    public func room(for count: Int) -> UnsafeMutableRawBufferPointer? { nil }

    /// Never called where there is no memory.
    public func filled(_ count: Int) {}
}

/// A read under way.
public protocol FetchHandle: AnyObject, Sendable {
    /// Gives the read up; its completion comes with `.cancelled`, unless it has come already.
    func cancel()

    /// Makes the read as urgent as can be: by now a reader waits for it.
    func hurry()
}

extension FetchHandle {
    /// Nothing: such a read waits for no other.
    public func hurry() {}
}

/// How urgent a read is.
public enum FetchPriority: Int, Comparable, Sendable {
    /// Nobody waits: prefetch and completion in the background.
    case background
    /// A reader may want it soon: read-ahead.
    case ahead
    /// A reader waits.
    case foreground

    /// True when the left may wait longer.
    public static func < (left: FetchPriority, right: FetchPriority) -> Bool { left.rawValue < right.rawValue }
}
