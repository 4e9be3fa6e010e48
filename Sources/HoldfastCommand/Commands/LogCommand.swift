import ArgumentParser

/// Looks at write-ahead logs, and repairs them: `holdfast log status`, `verify`, `salvage`, `forget`.
struct LogCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "log",
        abstract: "Look at the write-ahead log, or repair it. No other process may have it open.",
        subcommands: [
            LogStatusCommand.self, LogVerifyCommand.self, LogSalvageCommand.self, LogForgetCommand.self,
        ])
}
