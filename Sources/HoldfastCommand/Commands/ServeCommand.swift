import ArgumentParser
import Holdfast
import HoldfastConfiguration
import HoldfastHTTP
import HoldfastModel
import Logging

/// Serves what a storage.yaml describes over HTTP: `holdfast serve`.
struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the store over HTTP until SIGTERM or SIGINT.")

    @OptionGroup var configuration: ConfigurationOptions

    @Option(
        name: .long,
        help:
            "Where to listen: address:port or unix:/path; port 0 takes a free one. May be given more than once."
    )
    var listen: [String] = []

    init() {}

    func run() async throws {
        let plan = try configuration.opening.plan()
        let given = listen.isEmpty ? [plan.configuration.server?.listen ?? "127.0.0.1:7474"] : listen
        var addresses = try given.map { text throws(HoldfastError) in try ListenAddress(text) }
        if let path = plan.configuration.controlSocketPath, !addresses.contains(.unix(path: path)) {
            addresses.append(.unix(path: path))
        }
        let store = try await plan.open()
        do {
            let retention = try Self.retention(of: store)
            let upkeep = Task { await retention?.run() }
            defer { upkeep.cancel() }
            let daemon = try await HTTPDaemon.open(store, on: addresses)
            for address in daemon.addresses {
                try FileDescriptor.standardOutput.write(
                    Array("listening on \(address.url(isEncrypted: false))\n".utf8))
            }
            try await daemon.runUntilSignalled(logger: Logger(label: "holdfast"))
            upkeep.cancel()
            await upkeep.value
            await store.close()
        } catch {
            await store.close()
            throw error
        }
    }

    /// Applies the retention policies while the daemon runs, and says what went.
    private static func retention(of store: HistoryStore) throws(HoldfastError) -> RetentionService? {
        let logger = Logger(label: "holdfast.retention")
        return try store.retentionService { outcome in
            switch outcome {
            case .done(let report):
                logger.info("\(report.removedItemCount) items \(report.isDryRun ? "would go" : "removed")")
            case .failed(let error): logger.warning("retention failed: \(error)")
            }
        }
    }
}
