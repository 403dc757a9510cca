// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import Digests
public import Fscache
import Primitives

/// One blob: its cookie, and the sources that fill the cookie's holes.
///
/// Reading a present range takes no lock and asks nobody. Each missing byte is fetched once, however many readers of
/// however many files wait for it.
public final class Blob: Sendable {
    /// The blob's name: its key in the cache, and its name at the sources.
    public let name: String
    /// Bytes of the blob.
    public let size: UInt64
    /// The cached object.
    public let cookie: Cookie
    /// Counts what was fetched.
    public let statistics: FetchStatistics
    let sources: SourceList
    /// Flights whose bytes another process fetches.
    let peers = PeerWait()
    let validator: String?
    let settings: FetchSettings
    let uncached: UncachedUnits
    let report: @Sendable (FetchReport) -> Void
    let state: Locked<State>
    /// What each unit is checked with before it is stored.
    let digests: DigestList?
    /// What the whole blob is checked with when the last of it has come.
    let digest: Digest?
    /// Bytes of the longest flight; units of a source must not be cut.
    private let longest: UInt64

    struct State {
        var flights = FlightTable()
        var readAhead: ReadAhead
        var wholeCheck = WholeCheck.waiting
    }

    /// No fetch is longer: what is fetched is held in memory until it is whole.
    static let longestFlight: UInt64 = 1 << 20

    /// Bytes of a piece of what is fetched ahead by guess: a reader of one waits for no more than that.
    static let aheadStep: UInt64 = 128 << 10

    /// Joins a cookie with the sources of its blob.
    ///
    /// - Parameters:
    ///   - digests: What the bytes are checked with before anybody can read them; of a blob of the cookie's size.
    ///   - report: Told of failures and of a full disk; called on the thread of a fetch.
    public convenience init(
        name: String, cookie: Cookie, validator: String?, sources: [any BlobSource], settings: FetchSettings,
        digests: DigestList? = nil, report: @escaping @Sendable (FetchReport) -> Void = { _ in }
    ) {
        let list = SourceList(sources, blobName: name)
        self.init(name: name, cookie: cookie, validator: validator, list, settings, digests, report)
    }

    /// The same for sources of which some have said already what blob they have.
    init(
        name: String, cookie: Cookie, validator: String?, _ list: SourceList, _ settings: FetchSettings,
        _ digests: DigestList?, digest: Digest? = nil, _ report: @escaping @Sendable (FetchReport) -> Void
    ) {
        self.name = name
        self.cookie = cookie
        self.validator = validator
        self.settings = settings
        self.report = report
        size = cookie.size
        statistics = FetchStatistics(blob: name)
        sources = list
        self.digests = digests
        self.digest = digest
        let unit = digests?.unit ?? 4096
        let longest = max(unit, Blob.longestFlight / unit * unit)
        self.longest = list.unitRange(covering: 0..<1) == 0..<1 ? longest : .max
        uncached = UncachedUnits(limit: settings.uncachedBytes)
        state = Locked(
            State(readAhead: ReadAhead(window: settings.window, largest: settings.largestReadAhead)))
    }

    /// Reads the present bytes at the start of a range; see `Cookie.read`.
    public func read(
        into buffer: UnsafeMutableRawBufferPointer, at offset: UInt64, waiting: Bool, inode: UInt64 = 0
    ) throws(BlobReadError) -> Int {
        do throws(CookieReadError) {
            return try cookie.read(into: buffer, at: offset, waiting: waiting, inode: inode)
        } catch {
            switch error {
            case .wouldBlock: throw .wouldBlock
            case .system(let code): throw .system(code: code)
            case .missing(let range):
                let count = readUncached(into: buffer, at: offset, inode: inode)
                guard count > 0 else { throw .missing(range) }
                return count
            }
        }
    }

    /// Bytes that were moved for the blob so far: packed, with its tables, where sources unpack what they deliver.
    public var movedBytes: UInt64 { sources.movedBytes ?? statistics.snapshot.bytes }

    /// What the sources are called, in the order in which they are asked.
    public var sourceNames: [String] { sources.sources.map(\.name) }

    /// The parts of a range that would have to be fetched.
    public func missing(in range: Range<UInt64>) -> [Range<UInt64>] {
        cookie.missing(in: range).filter { uncached.count(at: $0.lowerBound) < UInt64($0.count) }
    }

    /// Sees to it that a range is there.
    ///
    /// - Parameters:
    ///   - inode: For which file, for those who watch the cache.
    ///   - completion: Called once, on the thread of a fetch or on this one, with the first error; not when the result is
    ///     nil, and not after `Ticket.cancel()`.
    /// - Returns: The wait; nil when all is there already.
    public func ensure(
        _ range: Range<UInt64>, priority: FetchPriority = .foreground, inode: UInt64 = 0,
        _ completion: @escaping @Sendable (FetchError?) -> Void
    ) -> Ticket? {
        let missing = missing(in: range)
        guard !missing.isEmpty else { return nil }
        let ticket = Ticket(completion)
        let refusal = refusal
        if priority == .foreground {
            for run in missing {
                cookie.tellMiss(run, .downloadFromServer, refusal == nil ? .ondemand : [], inode: inode)
            }
        }
        if let refusal {
            ticket.arrived(refusal)
            return ticket
        }
        if sources.knowsUnits {
            depart(missing, ticket, priority, inode)
        } else {
            ticket.expect()
            // If that fails, the flights meet the failure again, and say so.
            sources.identify { [self] _ in
                depart(missing, ticket, priority, inode)
                ticket.arrived(nil)
            }
        }
        ticket.arrived(nil)
        return ticket
    }

    /// Starts the flights for what is missing, and hurries those that are under way already.
    private func depart(_ missing: [Range<UInt64>], _ ticket: Ticket, _ priority: FetchPriority, _ inode: UInt64) {
        if priority == .foreground, let recorder = settings.recorder {
            for run in missing { recorder.note(widened(run), of: name) }
        }
        var started: [FlightTable.Flight] = []
        var joined: [FlightTable.Flight] = []
        var ahead: [FlightTable.Flight] = []
        state.withLock { state in
            for run in missing {
                let wait = FlightTable.Wait(ticket: ticket, wanted: run, inode: inode)
                let flights = state.flights.join(widened(run), wait, longest: longest)
                started += flights.started
                joined += flights.joined
            }
            guard priority == .foreground, let last = missing.last else { return }
            if let next = state.readAhead.missed(widened(last), inode: inode, size: size) {
                for run in cookie.missing(in: next) {
                    ahead += state.flights.join(widened(run), nil, longest: longest).started
                }
            }
        }
        if priority == .foreground { for flight in joined { flight.relay.hurry() } }
        for flight in started { start(flight, priority) }
        for flight in ahead { start(flight, .ahead) }
    }

    /// Starts fetching a range that readers are likely to want soon, in pieces, each of which can be read when it has come.
    ///
    /// Does nothing where nothing is fetched ahead.
    public func fetchAhead(_ range: Range<UInt64>) {
        guard settings.largestReadAhead > 0 else { return }
        let range = range.clamped(to: 0..<size)
        for start in stride(from: range.lowerBound, to: range.upperBound, by: Int(Blob.aheadStep)) {
            _ = ensure(start..<min(range.upperBound, start + Blob.aheadStep), priority: .ahead) { _ in }
        }
    }

    /// Asks the sources for their units, if they do not know them yet, so that the first reader need not wait for that.
    public func learnUnits() {
        guard !settings.isOffline, !sources.knowsUnits else { return }
        sources.identify { _ in }
    }

    /// Why nothing is fetched; nil when it is.
    private var refusal: FetchError? {
        if settings.isOffline { return .offline(source: name) }
        guard state.withLock({ $0.wholeCheck == .condemned }) else { return nil }
        return .digestMismatch(source: name, reason: "the whole blob was wrong twice")
    }

    /// The window that a miss fetches: aligned, in whole units of the sources, clipped to the blob.
    private func widened(_ range: Range<UInt64>) -> Range<UInt64> {
        let window = settings.window
        let (end, overflow) = range.upperBound.addingReportingOverflow(window - 1)
        let aligned = range.lowerBound / window * window..<min(size, overflow ? size : end / window * window)
        return wholeUnits(covering: aligned).clamped(to: 0..<size)
    }

    /// The smallest range that the sources can deliver and that can be checked.
    func wholeUnits(covering range: Range<UInt64>) -> Range<UInt64> {
        let range = sources.unitRange(covering: range)
        return digests?.unitRange(covering: range) ?? range
    }
}

/// Why a read of a blob gave no bytes.
public enum BlobReadError: Error, Equatable, Sendable {
    /// The bytes at the start of the range are not there: `ensure` them, then read again.
    case missing(Range<UInt64>)
    /// The read would have to wait for the disk.
    case wouldBlock
    /// The cached object cannot be read.
    case system(code: Int32)
}

/// Something about fetching that a log should have.
public enum FetchReport: Equatable, Sendable {
    /// A range could not be fetched.
    case failed(blob: String, range: Range<UInt64>, FetchError)
    /// Bytes of a unit that had the wrong digest; they were thrown away, and are fetched again at once.
    case wrongDigest(blob: String, range: Range<UInt64>)
    /// The whole blob had the wrong digest: it was taken out of the cache, a copy is put aside.
    case quarantined(blob: String, copy: String?)
    /// The object had holes where its map said that bytes are: so many bytes are fetched again.
    case distrusted(blob: String, bytes: UInt64)
    /// The cache takes no more bytes; they are served without being kept.
    case uncached(blob: String, CacheError)
}
