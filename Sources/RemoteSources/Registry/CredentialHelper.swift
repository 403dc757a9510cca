// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

internal import FoundationEssentials
internal import Glibc
internal import Primitives

/// Asks a program `docker-credential-NAME` for a secret.
struct CredentialHelper {
    /// Milliseconds that a helper may take.
    static let timeLimit: UInt64 = 10_000
    private static let answerLimit = 64 << 10

    private struct Answer: Decodable {
        var username: String
        var secret: String

        private enum CodingKeys: String, CodingKey {
            case username = "Username"
            case secret = "Secret"
        }
    }

    /// The program's name.
    let program: String
    /// What the program's environment is.
    let environment: [String: String]

    /// - Returns: Nil for a name that would be a path.
    init?(name: String, environment: [String: String]) {
        guard !name.isEmpty, !name.contains("/") else { return nil }
        program = "docker-credential-\(name)"
        self.environment = environment
    }

    /// The secret for a registry; nil when the helper has none, does not run, or takes too long.
    ///
    /// Blocks; not to be called on the engine's thread.
    func secret(for key: String) -> RegistryCredential.Secret? {
        guard let child = ChildProcess(program, ["get"], environment: environment) else { return nil }
        let output = child.exchange(
            Array("\(key)\n".utf8), limit: Self.answerLimit,
            until: MonotonicTime.now.advanced(milliseconds: Self.timeLimit))
        guard let output, let answer = try? JSONDecoder().decode(Answer.self, from: Data(output)) else { return nil }
        if answer.username == "<token>" { return .identityToken(answer.secret) }
        return .password(user: answer.username, password: answer.secret)
    }
}
