// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials

/// What a token service answers.
struct TokenAnswer: Equatable {
    let token: String
    /// Milliseconds.
    let lifetime: UInt64

    private struct Form: Decodable {
        var token: String?
        var access_token: String?
        var expires_in: Double?
    }

    /// Reads the JSON document; without a lifetime a token is good for a minute.
    init?(_ bytes: [UInt8]) {
        guard let form = try? JSONDecoder().decode(Form.self, from: Data(bytes)) else { return nil }
        guard let token = [form.token, form.access_token].compactMap({ $0 }).first(where: { !$0.isEmpty }),
            token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
        else { return nil }
        self.token = token
        let seconds = form.expires_in.map { $0 > 0 ? min($0, 86_400 * 30) : 1 } ?? 60
        lifetime = UInt64(seconds * 1000)
    }
}
