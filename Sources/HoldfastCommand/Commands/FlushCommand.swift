import ArgumentParser
import Holdfast

/// Waits for the backups: `holdfast flush`.
struct FlushCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "flush",
        abstract: "Wait until every backend that can be reached has everything, durably.")

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "Give up after so many seconds.")
    var timeout = 60

    init() {}

    func run() async throws {
        let report = try await configuration.opening.withStore { store in
            try await store.flush(CallOptions(timeout: .seconds(timeout)))
            return await StatusReport.settled(store, within: .seconds(3))
        }
        var answer = output.answer
        try answer.finish(report.json, or: report.text)
    }
}
