// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import CCurl

/// Translates a request into the options of a libcurl handle.
struct EasyOptions {
    private let easy: UnsafeMutableRawPointer

    /// Sets options of `easy`.
    init(_ easy: UnsafeMutableRawPointer) { self.easy = easy }

    /// Sets everything; `fields` must live as long as the transfer.
    ///
    /// - Returns: False when libcurl refused an option that matters.
    func apply(_ request: HTTPRequest, fields: UnsafeMutablePointer<curl_slist>?) -> Bool {
        let transport = request.transport
        var done = set(CURLOPT_URL, request.url.text)
        done = set(CURLOPT_PROTOCOLS_STR, "http,https") && done
        done = ccurl_set_list(easy, CURLOPT_HTTPHEADER, fields) == CURLE_OK && done
        done = set(CURLOPT_USERAGENT, transport.userAgent) && done
        set(CURLOPT_FOLLOWLOCATION, 0)
        set(CURLOPT_HTTP_CONTENT_DECODING, 0)
        set(CURLOPT_NOSIGNAL, 1)
        set(CURLOPT_PATH_AS_IS, 1)
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        set(CURLOPT_BUFFERSIZE, 256 << 10)
        set(CURLOPT_TCP_KEEPALIVE, 1)
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(clamping: transport.connectTimeout))
        if let range = request.range { done = set(CURLOPT_RANGE, range) && done }
        if let form = request.form { done = set(CURLOPT_COPYPOSTFIELDS, form) && done }
        return applySecurity(transport) && applyProxy(transport.proxy) && done
    }

    private func applySecurity(_ transport: TransportSettings) -> Bool {
        var done = true
        if let file = transport.certificateAuthorities { done = set(CURLOPT_CAINFO, file) && done }
        if let file = transport.clientCertificate { done = set(CURLOPT_SSLCERT, file) && done }
        if let file = transport.clientKey { done = set(CURLOPT_SSLKEY, file) && done }
        if transport.skipsVerification {
            set(CURLOPT_SSL_VERIFYPEER, 0)
            set(CURLOPT_SSL_VERIFYHOST, 0)
        }
        return done
    }

    private func applyProxy(_ proxy: TransportSettings.Proxy) -> Bool {
        switch proxy {
        case .environment: true
        case .none: set(CURLOPT_PROXY, "")
        case .url(let address, let except): set(CURLOPT_PROXY, address) && set(CURLOPT_NOPROXY, except)
        }
    }

    private func set(_ option: CURLoption, _ value: String) -> Bool {
        ccurl_set_string(easy, option, value) == CURLE_OK
    }

    private func set(_ option: CURLoption, _ value: Int) { _ = ccurl_set_long(easy, option, value) }
}
