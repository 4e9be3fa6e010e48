package import Holdfast
package import HoldfastModel
package import Logging
internal import ServiceLifecycle

/// A store that is served over HTTP.
///
/// ``open(_:_:logger:)`` takes the addresses, ``run()`` serves on them until the service group shuts down. Whoever opened
/// the store closes it afterwards.
package struct HTTPDaemon: Service {
    /// Where it listens, with the ports that the system has given.
    package let addresses: [ListenAddress]
    /// Whether the addresses of the network are encrypted.
    package let isEncrypted: Bool
    private let listeners: [Listener]
    private let options: DaemonOptions
    private let live: LiveSettings
    private let gate: Gate
    private let encryption: Encryption?

    /// Takes the addresses, all or none.
    ///
    /// - Parameters:
    ///   - store: what is served.
    ///   - options: how.
    ///   - logger: hears what an operator should know.
    /// - Returns: a daemon that answers once it runs.
    /// - Throws: `unavailable`, `conflict` or `invalid` when an address cannot be had; `invalid` for one that is open to
    ///   other machines without tokens, and for a certificate that cannot be used.
    package static func open(
        _ store: HistoryStore, _ options: DaemonOptions, logger: Logger = Logger(label: "holdfast")
    ) async throws(HoldfastError) -> HTTPDaemon {
        try await open(store, options, logger: logger, routes: AllRoutes.routes)
    }

    static func open(
        _ store: HistoryStore, _ options: DaemonOptions, logger: Logger, routes: [Route]
    ) async throws(HoldfastError) -> HTTPDaemon {
        try options.checkReach()
        let live = LiveSettings(options.settings)
        let environment = ServerEnvironment(
            live: live, logger: logger, observers: options.observers,
            tracer: options.tracer)
        let gate = try Gate(store, tokens: options.tokens, isInsecure: options.isInsecure)
        let encryption = try options.certificate.map { files throws(HoldfastError) in
            try Encryption(certificatePath: files.path, keyPath: files.keyPath, logger: logger)
        }
        let responder = Responder(environment: environment, gate: gate, routes: routes)
        var listeners: [Listener] = []
        for address in options.addresses {
            do {
                listeners.append(try await Listener.bind(address, responder, encryption: encryption))
            } catch {
                for listener in listeners { listener.abandon() }
                throw error
            }
        }
        return HTTPDaemon(
            addresses: listeners.map(\.address), isEncrypted: encryption != nil, listeners: listeners,
            options: options, live: live, gate: gate, encryption: encryption)
    }

    /// Serves until the service group shuts down gracefully, or the task is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for listener in listeners {
                group.addTask { await listener.run { live.current.drainTimeout } }
            }
        }
    }

    /// Gives the addresses back without having served.
    package func abandon() {
        for listener in listeners { listener.abandon() }
    }

    /// Takes over what can change while it serves, and reads the certificate again.
    ///
    /// Connections stay open.
    ///
    /// - Parameters:
    ///   - tokens: who may come in from now on; nothing where the daemon needs none.
    ///   - settings: what bounds it from now on; what concerns headers and the times of a connection holds for new ones, and
    ///     the number of connections once one is opened or closed.
    ///   - files: those of its certificate and key from now on; nothing is those of before. A daemon that began without
    ///     encryption goes on without.
    /// - Throws: `invalid`; then everything is as it was.
    package func reload(
        tokens: TokenFile?, settings: ServerSettings? = nil,
        certificate files: (path: String, keyPath: String)? = nil
    ) throws(HoldfastError) {
        var options = options
        options.tokens = tokens
        try options.checkReach()
        let certificate = try encryption?.loaded(files)
        try gate.replace(tokens)
        if let certificate { encryption?.use(certificate) }
        if let settings { live.take(settings) }
    }
}
