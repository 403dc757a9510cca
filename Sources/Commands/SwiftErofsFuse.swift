// SPDX-FileCopyrightText: 2026 The swift-erofs-fuse Authors
// SPDX-License-Identifier: Apache-2.0

public import ArgumentParser
import Glibc

/// The command line.
public struct SwiftErofsFuse: ParsableCommand {
    /// Names the command and its subcommands.
    public static let configuration = CommandConfiguration(
        commandName: "swift-erofs-fuse",
        abstract: "Shows an EROFS image as a tree, and fetches its blobs as they are read.",
        version: "0.1.0",
        subcommands: [
            MountCommand.self, UmountCommand.self, InspectCommand.self, ExplainCommand.self, CheckCommand.self,
            FetchCommand.self, CacheCommand.self, DigestsCommand.self, StatusCommand.self, TraceCommand.self,
            MetricsCommand.self, FillCommand.self, LayerStoreCommand.self, DoctorCommand.self,
        ])

    /// A command line without arguments.
    public init() {}

    /// Runs the process's command and exits: 0 done, 1 the operation failed, 2 usage.
    public static func runProcess() -> Never {
        var code: Int32 = 0
        do {
            try perform(withSubcommand(Array(CommandLine.arguments.dropFirst())))
        } catch {
            code = report(error)
        }
        endProcess(code)
    }

    /// Adds the subcommand that mount(8) leaves out: it calls its helpers as `swift-erofs-fuse IMAGE MOUNTPOINT -o ...`.
    ///
    /// - Throws: When the first word can only be a subcommand that there is not.
    static func withSubcommand(_ arguments: [String]) throws(UsageError) -> [String] {
        let names = configuration.subcommands.compactMap { $0.configuration.commandName } + ["help"]
        guard let first = arguments.first, !first.hasPrefix("-"), !names.contains(first) else { return arguments }
        if let word = MistypedWord(first), access(first, F_OK) != 0 {
            throw .unknownSubcommand(first, nearest: word.nearest(in: names))
        }
        return arguments.count > 1 ? ["mount"] + arguments : arguments
    }

    private static func perform(_ arguments: [String]) throws {
        try start(try parseAsRoot(arguments))
    }

    private static func start(_ parsed: some ParsableCommand) throws {
        var command = parsed
        try command.run()
    }

    /// Says what went wrong, and gives the process's exit code for it.
    private static func report(_ error: any Error) -> Int32 {
        if let failure = error as? Failure {
            failure.report()
            return failure.code
        }
        if let usage = error as? UsageError {
            ErrorLine.write(usage)
            return 2
        }
        // All other errors of the parser are usage, or requests for help.
        guard String(reflecting: type(of: error)).hasPrefix("ArgumentParser.") else {
            ErrorLine.write(error)
            return 1
        }
        let text = fullMessage(for: error)
        guard exitCode(for: error).isSuccess else {
            ErrorLine.writeRaw(text)
            return 2
        }
        StandardOutput.write(text + "\n")
        return 0
    }
}
