// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

/// An option that cannot be taken: the user's mistake, exit code 2.
enum UsageError: Error, Equatable, Sendable, CustomStringConvertible {
    /// There is no such option.
    case unknown(String)
    /// The first word is neither a subcommand nor a file; the subcommand that it may have been meant to be.
    case unknownSubcommand(String, nearest: String?)
    /// The option needs a value.
    case missingValue(String)
    /// The option's value is not one it can have.
    case badValue(String, text: String, wanted: String)
    /// A configuration file cannot be read as one.
    case configuration(path: String, line: Int?, reason: String)

    /// Takes an address only without user and password.
    ///
    /// - Returns: The address.
    static func refuseSecrets(_ name: String, _ address: String) throws(UsageError) -> String {
        guard let scheme = address.firstRange(of: "://") else { return address }
        let authority = address[scheme.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
        guard let at = authority.lastIndex(of: "@") else { return address }
        let shown = "\(address[..<scheme.upperBound])...\(authority[at...])"
        let wanted =
            "without user and password, which 'ps' shows to everybody: put the line USER:PASSWORD into a file "
            + "that only you can read, and name it with --credentials-file"
        throw .badValue(name, text: shown, wanted: wanted)
    }

    var description: String {
        switch self {
        case .unknown(let name): "option '\(name)' is not known"
        case .unknownSubcommand(let word, let nearest):
            "there is no subcommand '\(word)', and no image of that name"
                + (nearest.map { "; did you mean '\($0)'?" } ?? ": see --help")
        case .missingValue(let name): "option '\(name)' needs a value"
        case .badValue(let name, let text, let wanted): "option '\(name)' is '\(text)', but must be \(wanted)"
        case .configuration(let path, let line, let reason):
            "\(path)\(line.map { ":\($0)" } ?? ""): \(reason)"
        }
    }
}
