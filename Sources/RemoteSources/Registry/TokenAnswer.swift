// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// What a token service answers.
struct TokenAnswer: Equatable {
    /// The token, a secret.
    let token: String
    /// Milliseconds.
    let lifetime: UInt64

    private struct Form: Decodable {
        var token: String?
        var accessToken: String?
        var lifetime: Double?

        private enum CodingKeys: String, CodingKey {
            case token
            case accessToken = "access_token"
            case lifetime = "expires_in"
        }
    }

    /// Reads the JSON document; without a lifetime a token is good for a minute.
    init?(_ bytes: [UInt8]) {
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(bytes)) else { return nil }
        guard let token = [form.token, form.accessToken].compactMap({ $0 }).first(where: { !$0.isEmpty }),
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.token = token
        let seconds = form.lifetime.map { $0 > 0 ? min($0, 86_400 * 30) : 1 } ?? 60
        lifetime = UInt64(seconds * 1000)
    }
}
