// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import BlobFetch

/// A folder of a web server: each blob lies at the prefix followed by its name.
final class WebRemote: BlobRemote {
    let name: String
    private let prefix: HTTPURL
    private let settings: TransferSettings
    private let authorizer: (any HTTPAuthorizer)?

    /// Takes user and password from the address when the settings have none.
    init(prefix: HTTPURL, settings: RemoteSettings) {
        name = prefix.description
        self.prefix = prefix
        self.settings = settings.transfer
        if let token = settings.bearerToken {
            authorizer = StaticAuthorizer(source: name, value: "Bearer \(token)")
        } else if let given = settings.credentials {
            authorizer = StaticAuthorizer(source: name, user: given.user, password: given.password)
        } else if let given = prefix.userInfo {
            authorizer = StaticAuthorizer(source: name, user: given.user, password: given.password)
        } else {
            authorizer = nil
        }
    }

    func source(for blob: String) throws(FetchError) -> any BlobSource {
        guard let url = prefix.appending(blob) else {
            throw FetchError.badAnswer(source: name, reason: "\(blob.debugDescription) is no name of a blob")
        }
        return HTTPBlobSource(url: url, settings: settings, authorizer: authorizer)
    }
}
