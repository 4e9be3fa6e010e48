import ArgumentParser
import Holdfast
import HoldfastConfiguration
import HoldfastHTTP
import HoldfastModel
import HoldfastSupport

/// Asks a daemon whether it is ready: `holdfast healthcheck`.
struct HealthcheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "healthcheck",
        abstract: "Ask the daemon whether it is ready: status 0, or the reason.",
        discussion: """
            Asks the daemon of storage.yaml over the socket beside its log, or the one that --url names. Opens no backend, \
            and needs no token. Ends with 69 when nobody answers, or reads or writes are refused; with 75 when the answer \
            takes too long.
            """)

    @OptionGroup var configurationFile: ConfigurationOptions
    @OptionGroup var output: OutputOptions

    @Option(
        name: .long,
        help: ArgumentHelp("Ask there: http://host:port, or https://host:port.", valueName: "url"))
    var url: String?

    @Option(
        name: .long,
        help: ArgumentHelp("Trust these certificates, in PEM, in place of the system's.", valueName: "path"),
        completion: .file())
    var certificate: String?

    @Option(name: .long, help: "How long one answer may take.")
    var timeout = "5s"

    @Option(name: .long, help: "Ask again for so long, until the daemon is ready.")
    var wait = "0"

    /// Between two questions.
    private static let pause = Duration.milliseconds(100)

    init() {}

    func run() async throws {
        let probe = HealthProbe(try target())
        let timeout = try DurationText.duration(timeout, of: "--timeout")
        guard timeout > .zero else {
            throw HoldfastError(.invalid, "--timeout is \"\(self.timeout)\", expected more than zero")
        }
        let wait = try DurationText.duration(wait, of: "--wait")
        let report = try await Self.report(of: probe, timeout, within: wait)
        guard report.isReady else {
            throw Failure(HoldfastError(.unavailable, "the daemon is \(report.reason)"))
        }
        var answer = output.answer
        try answer.write(answer.isJSON ? report.json + "\n" : report.reason + "\n")
        try answer.flush()
    }

    /// Where the daemon is asked.
    private func target() throws -> HealthProbe.Target {
        if let url { return try HealthProbe.Target(url: url, trusting: certificate) }
        let configuration = try StorageConfiguration.load(path: configurationFile.path)
        guard let path = configuration.controlSocketPath ?? configuration.server?.socketPath else {
            throw HoldfastError(
                .invalid,
                "the daemon of \(configurationFile.path) has no socket, expected --url http://host:port")
        }
        return .socket(path)
    }

    /// Asks until the daemon is ready, or the time is over.
    private static func report(
        of probe: HealthProbe, _ timeout: Duration, within wait: Duration
    ) async throws(HoldfastError) -> HealthProbe.Report {
        let clock = SystemClock()
        let deadline = clock.monotonicNanoseconds + Int64(wait / .nanoseconds(1))
        while true {
            do throws(HoldfastError) {
                let report = try await probe.ask(within: timeout)
                if report.isReady || clock.monotonicNanoseconds >= deadline { return report }
            } catch {
                guard clock.monotonicNanoseconds < deadline, error.flags.contains(.retryable) else {
                    throw error
                }
            }
            await clock.wait(for: pause)
        }
    }
}
