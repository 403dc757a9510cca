// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// The request for a bearer token.
struct TokenRequest {
    /// The address of the token service, with the question.
    let url: HTTPURL
    /// The password, if one goes with it.
    var fields: [HTTPField] = []
    /// The body of a POST; nil for GET.
    var form: String?

    /// Asks with a password in the header, or exchanges an identity token by POST; without credentials anonymously.
    init(realm: HTTPURL, service: String?, scope: String, credential: RegistryCredential?) {
        let service = service.map { [("service", $0)] } ?? []
        switch credential?.secret {
        case .identityToken(let token):
            url = realm.withoutUserInfo
            let items =
                [("grant_type", "refresh_token"), ("refresh_token", token), ("client_id", "swift-erofs-fuse")] + service
                + [("scope", scope)]
            form = items.map { "\($0.0)=\(PercentEncoding.component($0.1))" }.joined(separator: "&")
        case .password(let user, let password):
            url = realm.withoutUserInfo.adding(service + [("scope", scope)])
            fields = [HTTPField("Authorization", "Basic " + Base64.text(of: Array("\(user):\(password)".utf8)))]
        case .registryToken, nil:
            url = realm.withoutUserInfo.adding(service + [("scope", scope)])
        }
    }
}
