import ArgumentParser
import Holdfast

/// Says how the backends are: `holdfast status`.
struct StatusCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Say how each backend is, and how far behind.",
        discussion: "Ends with 0 when everything is taken and answered, with 75 when something is down.")

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    init() {}

    func run() async throws {
        let report = try await configuration.opening.withStore { store in
            // Backends are connected while the store serves already.
            await StatusReport.settled(store, within: .seconds(3))
        }
        var answer = output.answer
        try answer.finish(report.json, or: report.text)
        if !report.isHealthy { throw Failure.silent(.temporary) }
    }
}
