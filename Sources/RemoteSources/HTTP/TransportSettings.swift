// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// How connections are made: everything that libcurl is told beside the request.
package struct TransportSettings: Sendable, Equatable {
    /// Where requests go through.
    package enum Proxy: Sendable, Equatable {
        /// What `http_proxy`, `https_proxy`, `all_proxy` and `no_proxy` say.
        case environment
        case none
        /// A proxy's address, which may hold user and password, and the hosts that are reached without it.
        case url(String, except: String)
    }

    /// Where requests go through.
    package var proxy = Proxy.environment
    /// A PEM file of authorities to trust instead of the system's.
    package var certificateAuthorities: String?
    /// PEM files of the certificate that we show, and of its key.
    package var clientCertificate: String?
    /// The PEM file of the key to ``clientCertificate``.
    package var clientKey: String?
    /// Whether a server's certificate is not checked at all.
    package var skipsVerification = false
    /// What we call ourselves.
    package var userAgent = "swift-erofs-fuse"
    /// Milliseconds until a connection must stand.
    package var connectTimeout: UInt64 = 10_000
    /// Milliseconds without any byte from the server after which a request is given up.
    package var stallTimeout: UInt64 = 20_000

    /// The usual settings.
    package init() {}
}
