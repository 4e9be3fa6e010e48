import ArgumentParser
import HoldfastChain
import HoldfastConfiguration

/// Lets go of a log that is gone for good: `holdfast log forget ID`.
struct LogForgetCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "forget",
        abstract: "Stop waiting for the log of a host that is gone for good.",
        discussion: "What only that log held is given up. The refusal to start names the log's id.")

    @OptionGroup var options: LogOptions

    @Argument(help: "The id of the log.")
    var log: String

    func run() async throws {
        let holders = try await options.repair().forget(log)
        var answer = options.output.answer
        try answer.finish(
            ["log": .string(log), "forgotten_by": .texts(holders)],
            or: "\(holders.joined(separator: ", ")) no longer wait for \(TextTable.printable(log))\n")
    }
}
