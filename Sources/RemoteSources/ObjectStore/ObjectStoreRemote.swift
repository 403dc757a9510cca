// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch

/// A bucket of an S3-style object store: each blob is the object at the prefix followed by its name.
final class ObjectStoreRemote: BlobRemote {
    let name: String
    private let prefix: HTTPURL
    private let settings: TransferSettings
    private let authorizer: (any HTTPAuthorizer)?

    /// Takes `s3://BUCKET[/PREFIX]`.
    init(_ text: String, settings: RemoteSettings) throws(FetchError) {
        let place = text.dropFirst("s3://".count)
        let bucket = place.prefix { $0 != "/" }
        var folder = place.dropFirst(bucket.count)
        while folder.hasSuffix("/") { folder = folder.dropLast() }
        let isFine = { (c: Character) in c.isASCII && (c.isLetter || c.isNumber || "-._".contains(c)) }
        guard !bucket.isEmpty, bucket.allSatisfy(isFine) else {
            throw FetchError.badAnswer(source: text, reason: "\(bucket.debugDescription) is no name of a bucket")
        }
        name = "s3://\(bucket)\(folder)"
        let account = ObjectStoreAccount(settings) { SmallFile.text(of: $0) }
        let base = Self.base(bucket: String(bucket), account: account, settings: settings.objectStore)
        let prefix = folder.isEmpty ? base : base?.appending(String(folder.dropFirst()))
        guard let prefix else {
            throw FetchError.badAnswer(source: name, reason: "the endpoint or the prefix cannot be an address")
        }
        self.prefix = prefix
        self.settings = settings.transfer
        let source = name
        authorizer = account.keys.map { keys in
            SigningAuthorizer(source: source, signature: RequestSignature(keys: keys, region: account.region))
        }
    }

    func source(for blob: String) throws(FetchError) -> any BlobSource {
        guard let url = prefix.appending(blob) else {
            throw FetchError.badAnswer(source: name, reason: "\(blob.debugDescription) is no name of a blob")
        }
        return HTTPBlobSource(url: url, settings: settings, authorizer: authorizer)
    }

    /// The address of the bucket: in the path for an endpoint of one's own, in the host for Amazon's, unless told.
    ///
    /// A bucket with a dot stays in the path, because no certificate covers it as a host.
    private static func base(bucket: String, account: ObjectStoreAccount, settings: ObjectStoreSettings) -> HTTPURL? {
        let inPath = settings.usesPathStyle ?? (account.endpoint != nil || bucket.contains("."))
        guard let service = HTTPURL(account.endpoint ?? "https://s3.\(account.region).amazonaws.com") else {
            return nil
        }
        if inPath { return service.appending(bucket) }
        let host = HTTPURL.Origin(
            scheme: service.origin.scheme, host: "\(bucket.lowercased()).\(service.origin.host)",
            port: service.origin.port)
        return HTTPURL(origin: host, path: service.path, query: service.query)
    }
}
