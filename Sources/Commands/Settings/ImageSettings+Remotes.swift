// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import BlobFetch
import Primitives
import RemoteSources

// How remotes are spoken to.
extension ImageSettings {
    /// Remote settings that a configuration file must give as texts.
    static let remoteTexts: Set<String> = [
        "ca-file", "client-cert", "client-key", "credentials-file", "auth-file", "platform", "mirror", "proxy",
        "no-proxy",
        "s3-endpoint", "s3-region", "s3-profile",
    ]

    /// Takes one of these settings.
    ///
    /// - Returns: False for any other.
    mutating func takeRemote(_ name: String, _ value: String?) throws(UsageError) -> Bool {
        switch name {
        case "ca-file": transfer.transfer.transport.certificateAuthorities = try file(name, value)
        case "client-cert": transfer.transfer.transport.clientCertificate = try file(name, value)
        case "client-key": transfer.transfer.transport.clientKey = try file(name, value)
        case "tls-skip-verify": transfer.transfer.transport.skipsVerification = try truth(name, value)
        case "credentials-file": transfer.credentials = try credentials(name, value)
        case "auth-file": transfer.registry.authFile = try file(name, value)
        case "plain-http": transfer.registry.plainHTTP = try truth(name, value)
        case "mirror": transfer.registry.mirrors.append(try text(name, value))
        case "platform": transfer.registry.platform = try text(name, value)
        case "proxy": proxy.address = try proxyAddress(name, value)
        case "no-proxy": proxy.exceptions = try text(name, value)
        default: return try takeObjectStore(name, value) ? true : try takePatience(name, value)
        }
        transfer.transfer.transport.proxy = proxy.setting
        return true
    }

    private mutating func takeObjectStore(_ name: String, _ value: String?) throws(UsageError) -> Bool {
        switch name {
        case "s3-endpoint": transfer.objectStore.endpoint = try text(name, value)
        case "s3-region": transfer.objectStore.region = try text(name, value)
        case "s3-profile": transfer.objectStore.profile = try text(name, value)
        case "s3-path-style": transfer.objectStore.usesPathStyle = try truth(name, value)
        case "s3-anonymous": transfer.objectStore.isAnonymous = try truth(name, value)
        default: return false
        }
        return true
    }

    /// Limits of time and number.
    private mutating func takePatience(_ name: String, _ value: String?) throws(UsageError) -> Bool {
        switch name {
        case "connect-timeout": transfer.transfer.transport.connectTimeout = try span(name, value)
        case "stall-timeout": transfer.transfer.transport.stallTimeout = try span(name, value)
        case "deadline": transfer.transfer.deadline = try span(name, value)
        case "retries": transfer.transfer.retry.attempts = Int(try number(name, value, 0...100)) + 1
        case "fetch-rate":
            let rate = try number(name, value, 0...(1 << 40))
            transfer.transfer.rate = rate == 0 ? nil : FetchRate(bytesPerSecond: rate)
        case "requests-per-host": transfer.transfer.requestsPerHost = Int(try number(name, value, 1...256))
        default: return false
        }
        return true
    }

    /// Refuses a rate for what nothing is asked of: an external filler moves bytes as it likes.
    func checkFetchRate() throws(UsageError) {
        guard let rate = transfer.transfer.rate, fillerSocket != nil else { return }
        throw .badValue(
            "fetch-rate", text: "\(rate.bytesPerSecond)", wanted: "absent with a filler, which fills at its own pace")
    }

    private func span(_ name: String, _ value: String?) throws(UsageError) -> UInt64 {
        let text = try text(name, value)
        guard let span = TimeSpan(text), (1...86_400_000).contains(span.milliseconds) else {
            throw .badValue(name, text: text, wanted: "a time such as 500ms, 20s or 2m, a day at most")
        }
        return span.milliseconds
    }

    /// The path of a file that can be opened now; later nobody would see the error.
    private func file(_ name: String, _ value: String?) throws(UsageError) -> String {
        let path = try text(name, value)
        do { _ = try Descriptor.open(path, 0) } catch {
            throw .badValue(name, text: path, wanted: "a file that can be read (\(error))")
        }
        return path
    }

    /// The first line of a file, `USER:PASSWORD`; not an option itself, for `ps` shows those.
    private func credentials(_ name: String, _ value: String?) throws(UsageError) -> RemoteSettings.Credentials {
        let path = try file(name, value)
        let line = (try? TextFile.read(path))?.split(separator: "\n").first ?? ""
        guard let colon = line.firstIndex(of: ":"), colon > line.startIndex else {
            throw .badValue(name, text: path, wanted: "a file whose first line is USER:PASSWORD")
        }
        return RemoteSettings.Credentials(
            user: String(line[..<colon]), password: String(line[line.index(after: colon)...]))
    }

    private func proxyAddress(_ name: String, _ value: String?) throws(UsageError) -> String {
        let text = try text(name, value)
        guard !text.contains("@") else {
            let wanted = "an address without user and password; a proxy with those goes into the variable https_proxy"
            throw .badValue(name, text: "...\(text.drop { $0 != "@" })", wanted: wanted)
        }
        return text
    }
}

/// What was said of proxies.
struct ProxyChoice: Sendable {
    /// The proxy's address, or `none`; nil for what the environment says.
    var address: String?
    /// Hosts that are reached without it, with commas between.
    var exceptions: String?

    /// The setting of the transport.
    var setting: TransportSettings.Proxy {
        switch address {
        case nil: .environment
        case "none": .none
        case .some(let url): .url(url, except: exceptions ?? "")
        }
    }

    /// Refuses exceptions from nothing.
    func check() throws(UsageError) {
        guard let exceptions, address == nil || address == "none" else { return }
        throw .badValue("no-proxy", text: exceptions, wanted: "given together with the address of a proxy")
    }
}
