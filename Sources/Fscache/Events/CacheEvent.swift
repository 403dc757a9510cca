// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Primitives

/// One thing that happened to a cookie, as the kernel's tracepoints of `cachefiles` tell it.
///
/// Where the kernel loses something (ids that are 0, no times, no outcome of a fetch) the event has it.
public struct CacheEvent: Equatable, Sendable {
    /// What happened; the raw values are the kernel's names of its tracepoints.
    public enum Kind: String, CaseIterable, Sendable {
        /// A read was judged, see `Verdict`.
        case prepareRead = "cachefiles_prep_read"
        /// Bytes were read from the object.
        case read = "cachefiles_read"
        /// Fetched bytes were written to the object and published.
        case write = "cachefiles_write"
        /// Bytes were taken out of the object, for a limit of the cache. Linux has no tracepoint for that: there its daemon
        /// culls, and whole objects only.
        case cull = "cachefiles_cull"
        /// The object's state was judged: digest, size, identity.
        case coherency = "cachefiles_coherency"
        /// The size of a blob is asked for.
        case open = "cachefiles_ondemand_open"
        /// The answer to `open`; its length is the size.
        case openDone = "cachefiles_ondemand_copen"
        /// A range is asked for.
        case fetch = "cachefiles_ondemand_read"
        /// The answer to `fetch`.
        case fetchDone = "cachefiles_ondemand_cread"
        /// The blob is not used any more.
        case close = "cachefiles_ondemand_close"
    }

    /// What happened.
    public var kind: Kind
    /// When, in nanoseconds of CLOCK_MONOTONIC; for what took time, when it ended.
    public var time: UInt64
    /// The number of the cookie's object in this process, from 1 on; 0 when there is none yet.
    public var object: UInt32 = 0
    /// The cookie's key.
    public var cookie: String
    /// The inode number of the backing file.
    public var backingInode: UInt64 = 0
    /// The number of the request; an answer has that of its question.
    public var message: UInt32 = 0
    /// The first byte in the cookie.
    public var start: UInt64 = 0
    /// Bytes; of an answer to `open`, the blob's size.
    public var length: UInt64 = 0
    /// The verdict on a read that was judged, and why it was given.
    public var verdict: Verdict?
    /// See `verdict`.
    public var reason: VerdictReason?
    /// The flags of a read that was judged.
    public var flags: OndemandFlags = []
    /// The inode of the file for which bytes are read, as the file system numbers it; 0 when nobody said.
    public var inode: UInt64 = 0
    /// How long it took, in nanoseconds; nil for what takes no time.
    public var latency: UInt64?
    /// How urgent a request is, or how an object was judged; in a word.
    public var note: String?
    /// Why a request failed; nil when it did not.
    public var error: String?

    /// Something that happens now, or that ended now.
    public init(_ kind: Kind, time: UInt64, cookie: String) {
        self.kind = kind
        self.time = time
        self.cookie = cookie
    }
}

extension CacheEvent {
    /// The event in the format of the kernel's tracepoint, behind the tracepoint's name and a colon.
    ///
    /// What the kernel's format has no place for is not in it.
    public var traceLine: String {
        let object = "o=" + Self.hex(UInt64(self.object), digits: 8)
        let range = "s=\(Self.hex(start))"
        let message = "mid=\(Self.hex(UInt64(self.message)))"
        let identity = "oid=\(Self.hex(UInt64(self.object)))"
        let fields: String
        switch kind {
        case .prepareRead:
            let why = (reason?.rawValue ?? "").atLeft(of: 10)
            let flags = "f=" + Self.hex(UInt64(self.flags.rawValue), digits: 2)
            fields =
                "\(verdict?.rawValue ?? "----") \(why) \(flags) \(range) \(Self.hex(length)) "
                + "ni=\(Self.hex(inode)) B=\(Self.hex(backingInode))"
        case .read, .write, .cull: fields = "B=\(Self.hex(backingInode)) \(range) l=\(Self.hex(length))"
        case .coherency: fields = "\((note ?? "").atLeft(of: 8)) B=\(Self.hex(backingInode)) c=0"
        // Our requests go to sources of this process: there is no descriptor to be named.
        case .open: fields = "\(message) \(identity) fd=-1 f=0"
        case .openDone: fields = "\(message) l=\(Self.hex(length))"
        case .fetch: fields = "\(message) \(identity) \(range) l=\(Self.hex(length))"
        case .fetchDone: fields = message
        case .close: fields = "\(message) \(identity)"
        }
        return "\(kind.rawValue): \(object) \(fields)"
    }

    private static func hex(_ value: UInt64, digits: Int = 1) -> String {
        String(value, radix: 16).atRight(of: digits, filledWith: "0")
    }
}
