// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser

/// The options that say how remotes are spoken to; none of them holds a secret, for `ps` shows them to everybody.
struct RemoteOptions: ParsableArguments {
    @Option(help: "A PEM file of authorities to trust instead of the system's.")
    var caFile: String?

    @Option(help: "A PEM file with the certificate that we show to servers.")
    var clientCert: String?

    @Option(help: "The PEM file with that certificate's key.")
    var clientKey: String?

    @Flag(help: "Do not check servers' certificates.")
    var tlsSkipVerify = false

    @Option(help: "A file whose first line is USER:PASSWORD (of an object store: the two keys).")
    var credentialsFile: String?

    @Option(help: "A file like ~/.docker/config.json, read instead of the usual ones.")
    var authFile: String?

    @Flag(help: "Speak to registries without TLS; loopback addresses always are spoken to so.")
    var plainHttp = false

    @Option(help: "A registry, HOST[:PORT][/PREFIX], that is asked before the image's own. Repeatable.")
    var mirror: [String] = []

    @Option(help: "The image of an index to take, OS/ARCHITECTURE[/VARIANT] (default: this machine's).")
    var platform: String?

    @Option(help: "The proxy's address, or none (default: what http_proxy and its like say).")
    var proxy: String?

    @Option(help: "Hosts to reach without the proxy, with commas between.")
    var noProxy: String?

    @Option(help: "The object store's address (default: Amazon's).")
    var s3Endpoint: String?

    @Option(help: "The object store's region.")
    var s3Region: String?

    @Option(help: "The profile in the object store's credential files.")
    var s3Profile: String?

    @Flag(help: "The bucket stands in the path, not in the host (default with an endpoint).")
    var s3PathStyle = false

    @Flag(help: "Do not sign requests to the object store.")
    var s3Anonymous = false

    @Option(help: "How long a connection may take (default: 10s).")
    var connectTimeout: String?

    @Option(help: "How long a server may be silent (default: 20s).")
    var stallTimeout: String?

    @Option(help: "How long a read may take with all its attempts (default: 60s, and 1s for each 64 KiB).")
    var deadline: String?

    @Option(help: "How often a failed request is made again (default: 3).")
    var retries: String?

    @Option(help: "Requests that run at a time to one host (default: 16).")
    var requestsPerHost: String?

    @Option(help: "Bytes a second at most that are fetched, from all remotes together, 0 for no limit (default: 0).")
    var fetchRate: String?

    /// The options as settings.
    var flags: [(name: String, value: String?)] {
        let given: [(String, String?)] = [
            ("ca-file", caFile), ("client-cert", clientCert), ("client-key", clientKey),
            ("credentials-file", credentialsFile), ("auth-file", authFile), ("platform", platform), ("proxy", proxy),
            ("no-proxy", noProxy), ("s3-endpoint", s3Endpoint), ("s3-region", s3Region), ("s3-profile", s3Profile),
            ("connect-timeout", connectTimeout), ("stall-timeout", stallTimeout), ("deadline", deadline),
            ("retries", retries), ("requests-per-host", requestsPerHost), ("fetch-rate", fetchRate),
        ]
        let switches = [
            ("tls-skip-verify", tlsSkipVerify), ("plain-http", plainHttp), ("s3-path-style", s3PathStyle),
            ("s3-anonymous", s3Anonymous),
        ]
        return given.filter { $0.1 != nil } + mirror.map { ("mirror", $0) }
            + switches.filter(\.1).map { ($0.0, nil) }
    }
}
