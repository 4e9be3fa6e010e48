internal import Glibc
package import Logging
package import ServiceLifecycle
internal import UnixSignals

/// The life of a daemon in a process: it is announced, obeys signals, and finishes its requests.
///
/// | signal | what happens |
/// |---|---|
/// | SIGTERM, SIGINT | no new connections; requests may finish within the drain time; then the process ends |
/// | either again | the process ends at once; what was acknowledged is in the log |
/// | SIGHUP | what can be reloaded is: tokens, certificate, limits and times, retention, the level of the log |
package struct DaemonRun: Sendable {
    private let daemon: HTTPDaemon
    private let services: [any Service]
    private let notice: ServiceNotice
    private let logger: Logger
    private let announce: @Sendable () throws -> Void
    private let reload: @Sendable (HTTPDaemon) async throws -> Void

    /// Makes a run.
    ///
    /// - Parameters:
    ///   - daemon: listens already.
    ///   - services: run beside it, and end with it.
    ///   - notice: tells the service manager.
    ///   - logger: hears what an operator should know.
    ///   - announce: tells people where the daemon is; called once signals are obeyed, so that none ends the process that
    ///     is sent by whoever has read it.
    ///   - reload: reads settings again and hands them to the daemon; on an error everything stays as it was.
    package init(
        _ daemon: HTTPDaemon, with services: [any Service] = [], notice: ServiceNotice = .ofProcess,
        logger: Logger, announce: @escaping @Sendable () throws -> Void = {},
        reload: @escaping @Sendable (HTTPDaemon) async throws -> Void
    ) {
        self.daemon = daemon
        self.services = services
        self.notice = notice
        self.logger = logger
        self.announce = announce
        self.reload = reload
    }

    private struct DaemonService: Service {
        let daemon: HTTPDaemon

        func run() async throws { await daemon.run() }
    }

    /// Serves until the process is told to stop, and has let its requests finish.
    ///
    /// - Throws: what a service throws that ends by itself.
    package func run() async throws {
        let all: [any Service] = [DaemonService(daemon: daemon)] + services
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: all.map {
                    .init(service: $0, successTerminationBehavior: .gracefullyShutdownGroup)
                },
                logger: quiet))
        let signals = await UnixSignalsSequence(trapping: .sigterm, .sigint, .sighup)
        try announce()
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            tasks.addTask { await obey(signals, group) }
            notice.ready()
            // The services end first; the signals never do by themselves.
            try await tasks.next()
            tasks.cancelAll()
            try await tasks.waitForAll()
        }
    }

    /// The lines of the service group are of no use to an operator.
    private var quiet: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }

    private func obey(_ signals: UnixSignalsSequence, _ group: ServiceGroup) async {
        var isStopping = false
        for await signal in signals {
            switch signal {
            case .sighup: await reloadAll()
            default:
                guard !isStopping else { Glibc._exit(128 + signal.rawValue) }
                isStopping = true
                logger.notice("stopping: requests may finish")
                notice.stopping()
                await group.triggerGracefulShutdown()
            }
        }
    }

    private func reloadAll() async {
        notice.reloading()
        do {
            try await reload(daemon)
            logger.notice("reloaded")
        } catch {
            logger.error("nothing is reloaded: \(error)")
        }
        notice.ready()
    }
}
