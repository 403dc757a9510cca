// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import CCurl
internal import Primitives

/// One request and its answer as libcurl handles it; lives on the engine's thread.
final class HTTPExchange: @unchecked Sendable {
    /// A body that nobody wants is read up to this many bytes to keep its connection.
    private static let discardLimit = 64 << 10

    /// What is asked for.
    let request: HTTPRequest
    /// The libcurl handle, from ``prepare()`` to ``release()``.
    private(set) var easy: UnsafeMutableRawPointer?
    /// When the last byte came, or the exchange began.
    private(set) var lastProgress = MonotonicTime.now
    private var receiver: (any HTTPReceiver)?
    private var fields: UnsafeMutablePointer<curl_slist>?
    private var pendingHead: HTTPHead?
    private var headBytes = 0
    private var disposition: BodyDisposition?
    private var discarded = 0
    private var failure: HTTPFailure?

    /// An exchange that is not yet prepared.
    init(_ request: HTTPRequest, receiver: any HTTPReceiver) {
        self.request = request
        self.receiver = receiver
    }

    deinit { release() }

    /// Makes the libcurl handle.
    ///
    /// - Returns: False when libcurl has no memory or takes no such option.
    func prepare() -> Bool {
        guard let easy = curl_easy_init() else { return false }
        self.easy = easy
        lastProgress = .now
        return EasyOptions(easy).apply(request, fields: makeFields()) && connectCallbacks(easy)
    }

    /// Gives up what the exchange holds; libcurl must have let go of the handle.
    func release() {
        if let easy { curl_easy_cleanup(easy) }
        if let fields { curl_slist_free_all(fields) }
        easy = nil
        fields = nil
    }

    /// Drops the receiver, which hears nothing more.
    func silence() { receiver = nil }

    /// Tells the receiver how it ended; later calls do nothing.
    func finish(_ code: CURLcode) { finish(outcome(code)) }

    /// Tells the receiver that it ended, and how; later calls do nothing.
    func finish(_ failure: HTTPFailure?) {
        let receiver = self.receiver
        self.receiver = nil
        receiver?.finished(failure)
    }

    private func makeFields() -> UnsafeMutablePointer<curl_slist>? {
        for field in request.fields + [HTTPField("Accept-Encoding", "identity")] {
            guard let longer = curl_slist_append(fields, "\(field.name): \(field.value)") else { continue }
            fields = longer
        }
        if request.form != nil, let longer = curl_slist_append(fields, "Expect:") { fields = longer }
        return fields
    }

    private func connectCallbacks(_ easy: UnsafeMutableRawPointer) -> Bool {
        let context = Unmanaged.passUnretained(self).toOpaque()
        let onHeader: ccurl_data_function = { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
            return exchange.takeHeader(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        let onBody: ccurl_data_function = { bytes, size, count, context in
            guard let bytes, let context else { return 0 }
            let exchange = Unmanaged<HTTPExchange>.fromOpaque(context).takeUnretainedValue()
            return exchange.takeBody(UnsafeRawBufferPointer(start: bytes, count: size * count)) ? size * count : 0
        }
        return ccurl_set_data_function(easy, CURLOPT_HEADERFUNCTION, onHeader) == CURLE_OK
            && ccurl_set_pointer(easy, CURLOPT_HEADERDATA, context) == CURLE_OK
            && ccurl_set_data_function(easy, CURLOPT_WRITEFUNCTION, onBody) == CURLE_OK
            && ccurl_set_pointer(easy, CURLOPT_WRITEDATA, context) == CURLE_OK
    }

    private func takeHeader(_ bytes: UnsafeRawBufferPointer) -> Bool {
        lastProgress = .now
        guard disposition == nil else { return true }
        headBytes += bytes.count
        guard headBytes <= HTTPHead.byteLimit else { return fail(.malformed("the head of the answer is too long")) }
        var line = String(decoding: bytes, as: UTF8.self)[...]
        while let last = line.last, last.isNewline { line = line.dropLast() }
        if line.isEmpty { return endHead() }
        if line.hasPrefix("HTTP/") {
            pendingHead = HTTPHead(statusLine: String(line))
            return pendingHead != nil || fail(.malformed("no status line"))
        }
        pendingHead?.add(line: String(line))
        return true
    }

    private func endHead() -> Bool {
        guard let head = pendingHead, head.status >= 200 else { return true }
        let wanted = receiver?.head(head) ?? .stop
        disposition = wanted
        return wanted != .stop || fail(.stopped)
    }

    private func takeBody(_ bytes: UnsafeRawBufferPointer) -> Bool {
        lastProgress = .now
        switch disposition {
        case .receive:
            return receiver?.body(bytes) == true || fail(.stopped)
        case .discard:
            discarded += bytes.count
            return discarded <= Self.discardLimit || fail(.stopped)
        case .stop, nil:
            return fail(.stopped)
        }
    }

    private func fail(_ failure: HTTPFailure) -> Bool {
        if self.failure == nil { self.failure = failure }
        return false
    }

    private func outcome(_ code: CURLcode) -> HTTPFailure? {
        if code == CURLE_OK { return disposition == nil ? .malformed("no answer") : nil }
        return failure ?? HTTPFailure(code)
    }
}

extension HTTPFailure {
    /// What a libcurl code means for the caller.
    init(_ code: CURLcode) {
        let text = String(cString: curl_easy_strerror(code))
        switch code {
        case CURLE_OPERATION_TIMEDOUT: self = .timeout("the connection could not be made in time")
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER,
            CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR:
            self = .tls(text)
        case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT, CURLE_BAD_CONTENT_ENCODING,
            CURLE_TOO_MANY_REDIRECTS:
            self = .malformed(text)
        default: self = .unreachable(text)
        }
    }
}
