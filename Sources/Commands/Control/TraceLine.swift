// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Fscache
import Primitives

/// One event of a trace; its form for other programs, and its line for people.
struct TraceLine: Encodable, Equatable {
    var event: String
    /// Seconds of the monotonic clock.
    var time: Double
    var object: UInt32
    var cookie: String
    var backingInode: UInt64
    /// The number of the request, for requests and answers.
    var message: UInt32?
    var start: UInt64
    var length: UInt64
    var verdict: String?
    var reason: String?
    var flags: UInt8?
    /// The file that is read: its number in the image, and a path to it.
    var nid: UInt64?
    var path: String?
    var microseconds: UInt64?
    /// How urgent a request is, or how an object was judged.
    var note: String?
    var error: String?
    private let fields: String

    private enum CodingKeys: String, CodingKey {
        case event, time, object, cookie, backingInode, message, start, length, verdict, reason, flags, nid, path
        case microseconds, note, error
    }

    init(_ event: CacheEvent, path: String?) {
        self.event = event.kind.rawValue
        time = Double(event.time / 1000) / 1_000_000
        object = event.object
        cookie = event.cookie
        backingInode = event.backingInode
        message = event.message == 0 ? nil : event.message
        start = event.start
        length = event.length
        verdict = event.verdict?.rawValue
        reason = event.reason?.rawValue
        flags = event.kind == .prepareRead ? event.flags.rawValue : nil
        nid = event.inode == 0 ? nil : event.inode
        self.path = path
        microseconds = event.latency.map { $0 / 1000 }
        note = event.note
        error = event.error
        fields = event.traceLine
    }

    /// The time and the fields as Linux prints them, and then what Linux does not have.
    var text: String {
        let micros = UInt64(time * 1_000_000 + 0.5)
        let fraction = String(micros % 1_000_000).atRight(of: 6, filledWith: "0")
        var result = "\(micros / 1_000_000).\(fraction) "
        result += "\(fields)  \(cookie.printable)"
        if let note, verdict == nil, event != CacheEvent.Kind.coherency.rawValue { result += " \(note)" }
        if let microseconds { result += " \(microseconds) us" }
        if let path { result += " \(path.printable)" }
        if let error { result += " error: \(error.printable)" }
        return result + "\n"
    }
}
