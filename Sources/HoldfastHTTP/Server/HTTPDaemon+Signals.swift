package import Logging
internal import ServiceLifecycle
internal import UnixSignals

extension HTTPDaemon {
    /// Serves until the process is told to stop by SIGTERM or SIGINT, and has let its requests finish.
    package func runUntilSignalled(logger: Logger) async throws {
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: self, successTerminationBehavior: .gracefullyShutdownGroup)],
                gracefulShutdownSignals: [.sigterm, .sigint], logger: logger))
        try await group.run()
    }
}
