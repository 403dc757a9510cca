// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// A token service as docker-registry trusts it: `alice` with `secret` gets a token to pull from `team/app`, anybody else
/// one that opens nothing.
package final class TokenService {
    private static let issuer = "test-issuer"
    private static let service = "test-registry"

    /// What is asked, and with which credentials.
    package let server: NginxServer
    /// The token that opens the repository.
    package let token: String
    private let directory: TemporaryDirectory
    private let certificate: String

    /// Makes a key, signs both tokens, and starts.
    package init() throws {
        directory = try TemporaryDirectory()
        let (key, certificate) = (directory.path("token.key"), directory.path("token.crt"))
        self.certificate = certificate
        try runToSuccess([
            "openssl", "req", "-x509", "-days", "30", "-subj", "/CN=tokens", "-newkey", "rsa:2048", "-nodes", "-keyout",
            key, "-out", certificate,
        ])
        let pull = #"{"type":"repository","name":"team/app","actions":["pull"]}"#
        token = try TokenService.token(access: pull, key, certificate)
        let answers = try directory.makeDirectory("answers")
        try write(TokenService.answer(token), to: "\(answers)/good")
        try write(TokenService.answer(try TokenService.token(access: "", key, certificate)), to: "\(answers)/useless")
        server = try NginxServer(
            serving: answers,
            rules: """
                location = /token {
                    default_type application/json;
                    set $answer /useless;
                    if ($http_authorization) { set $answer /good; }
                    if ($http_authorization !~ "^(Basic YWxpY2U6c2VjcmV0)?$") { return 401; }
                    rewrite ^ $answer break;
                }
                """)
    }

    /// The registry's setting.
    var setting: String {
        "auth: {token: {realm: \"\(server.url)/token\", service: \(TokenService.service), "
            + "issuer: \(TokenService.issuer), rootcertbundle: \(certificate)}}"
    }

    private static func answer(_ token: String) -> String { "{\"token\":\"\(token)\",\"expires_in\":300}" }

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
