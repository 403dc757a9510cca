// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

import TestSupport

/// A token service as docker-registry trusts it: `alice` with `secret` gets a token to pull from `team/app`, anybody else
/// one that opens nothing.
final class TokenService: Sendable {
    static let issuer = "test-issuer"
    static let service = "test-registry"

    /// What is asked, and with which credentials.
    let server: ScriptedServer
    /// The certificate with which the registry checks tokens.
    let certificate: String

    /// Makes a key in `directory`, and signs both tokens beforehand.
    init(in directory: TemporaryDirectory) throws {
        let (key, certificate) = (directory.path("token.key"), directory.path("token.crt"))
        self.certificate = certificate
        try runToSuccess([
            "openssl", "req", "-x509", "-days", "30", "-subj", "/CN=tokens", "-newkey", "rsa:2048", "-nodes", "-keyout",
            key, "-out", certificate,
        ])
        let pull = #"{"type":"repository","name":"team/app","actions":["pull"]}"#
        let good = try TokenService.token(access: pull, key, certificate)
        let useless = try TokenService.token(access: "", key, certificate)
        server = try ScriptedServer { request, connection in
            switch request.fields["authorization"] {
            case "Basic YWxpY2U6c2VjcmV0": connection.answer(200, [:], TokenService.answer(good))
            case nil: connection.answer(200, [:], TokenService.answer(useless))
            default: connection.answer(401)
            }
        }
    }

    /// The registry's setting.
    var setting: String {
        "auth: {token: {realm: \"\(server.url)token\", service: \(TokenService.service), "
            + "issuer: \(TokenService.issuer), rootcertbundle: \(certificate)}}"
    }

    private static func answer(_ token: String) -> [UInt8] {
        Array("{\"token\":\"\(token)\",\"expires_in\":300}".utf8)
    }

    /// A JSON web token (RFC 7519) signed with RS256, with its certificate in the header.
    private static func token(access: String, _ key: String, _ certificate: String) throws -> String {
        let script = #"""
            set -e
            url64() { openssl base64 -A | tr '+/' '-_' | tr -d '='; }
            now=$(date +%s)
            chain=$(openssl x509 -in "$2" -outform DER | openssl base64 -A)
            head=$(printf '{"typ":"JWT","alg":"RS256","x5c":["%s"]}' "$chain" | url64)
            body=$(printf '{"iss":"%s","sub":"","aud":"%s","exp":%d,"nbf":%d,"iat":%d,"jti":"1","access":[%s]}' \
                "$4" "$5" $((now + 3600)) $((now - 60)) "$now" "$3" | url64)
            printf '%s.%s.%s' "$head" "$body" "$(printf '%s.%s' "$head" "$body" | openssl dgst -sha256 -sign "$1" -binary | url64)"
            """#
        return try runToSuccess(["sh", "-c", script, "sh", key, certificate, access, issuer, service]).output
    }
}
