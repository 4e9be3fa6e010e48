import ArgumentParser
import Glibc
import Holdfast
import HoldfastModel

/// The command `holdfast`.
@main
struct RootCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "holdfast",
        abstract: "Keeps the history of AI agents in backends that you choose.",
        discussion: """
            The backends stand in storage.yaml. Exit statuses are those of sysexits.h: 0 done, 64 a wrong command \
            line, 65 wrong data, 66 not there, 69 no backend took it, 75 worth another try, 78 a wrong storage.yaml.
            """,
        version: version,
        groupedSubcommands: [
            CommandGroup(
                name: "Configure", subcommands: [InitCommand.self, CheckCommand.self, PluginCommand.self]),
            CommandGroup(
                name: "Converse",
                subcommands: [
                    AppendCommand.self, HistoryCommand.self, SessionsCommand.self, ClearCommand.self,
                ]),
            CommandGroup(name: "Ask", subcommands: [QueryCommand.self, SearchCommand.self]),
            CommandGroup(
                name: "Lock", subcommands: [LockCommand.self, LocksCommand.self, UnlockCommand.self]),
            CommandGroup(name: "Move", subcommands: [ImportCommand.self, ExportCommand.self]),
            CommandGroup(
                name: "Operate",
                subcommands: [
                    ServeCommand.self, HealthcheckCommand.self, TokenCommand.self, StatusCommand.self,
                    FlushCommand.self,
                    RetainCommand.self, BlobsCommand.self, LogCommand.self, DemoCommand.self,
                ]),
        ])

    /// The version of the program.
    static let version = Release.version

    /// Parses the command line, does what it says, and ends the process with the status that says how it went.
    static func main() async {
        StandardStreams.hold()
        let arguments = Array(CommandLine.arguments.dropFirst())
        do throws(HoldfastError) { try CommandWords.ofProcess.check() } catch {
            end(Failure(error, status: .usage), arguments)
        }
        var command = commandOrExit(arguments)
        do {
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            // Help is asked for by running a command that throws it.
            if exitCode(for: error) == .success { exit(withError: error) }
            end(Failure(error), arguments)
        }
    }

    /// Parses the command line; ends the process where it asks for help, or is wrong.
    private static func commandOrExit(_ arguments: [String]) -> any ParsableCommand {
        if let mistyped = MistypedCommand.find(in: arguments, of: self) {
            end(Failure(HoldfastError(.invalid, mistyped.message), status: .usage), arguments)
        }
        do {
            return try parseAsRoot(arguments)
        } catch {
            let isAnswer = exitCode(for: error) == .success
            guard !isAnswer else { exit(withError: error) }
            guard asksForJSON(arguments) else { complain(fullMessage(for: error)) }
            end(Failure(HoldfastError(.invalid, message(for: error)), status: .usage), arguments)
        }
    }

    /// Says what is wrong with the command line and how it would be right, in several lines.
    private static func complain(_ text: String) -> Never {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
            TextTable.printable(String($0))
        }
        // Where standard error cannot be written either, the status is all that is left to say.
        try? FileDescriptor.standardError.write(Array((lines.joined(separator: "\n") + "\n").utf8))
        Glibc.exit(ExitStatus.usage.rawValue)
    }

    /// Whether a program reads what is said: the answer, or the log of the daemon, of which it is the last line.
    static func asksForJSON(_ arguments: [String]) -> Bool {
        // What stands behind is data, or another command's.
        let own = arguments.prefix { $0 != "--" }
        return own.contains("--json") || own.contains("--log-format=json")
            || zip(own, own.dropFirst()).contains { $0 == ("--log-format", "json") }
    }

    private static func end(_ failure: Failure, _ arguments: [String]) -> Never {
        let text = failure.text(isJSON: asksForJSON(arguments))
        // Where standard error cannot be written either, the status is all that is left to say.
        try? FileDescriptor.standardError.write(Array(text.utf8))
        Glibc.exit(failure.status.rawValue)
    }
}
