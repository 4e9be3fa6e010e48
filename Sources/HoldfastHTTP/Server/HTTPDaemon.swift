package import Holdfast
package import HoldfastModel
package import Logging
internal import ServiceLifecycle

/// A store that is served over HTTP.
///
/// ``open(_:on:settings:observers:logger:)`` takes the addresses, ``run()`` serves on them until the service group shuts
/// down. Whoever opened the store closes it afterwards.
package struct HTTPDaemon: Service {
    /// Where it listens, with the ports that the system has given.
    package let addresses: [ListenAddress]
    private let listeners: [Listener]
    private let settings: ServerSettings

    /// Takes the addresses, all or none.
    ///
    /// - Parameters:
    ///   - store: what is served.
    ///   - addresses: at least one.
    ///   - settings: what bounds it.
    ///   - observers: hear of each request.
    ///   - logger: hears what an operator should know.
    /// - Returns: a daemon that answers once it runs.
    /// - Throws: `unavailable`, `conflict` or `invalid` when an address cannot be had.
    package static func open(
        _ store: HistoryStore, on addresses: [ListenAddress], settings: ServerSettings = ServerSettings(),
        observers: [any RequestObserver] = [], logger: Logger = Logger(label: "holdfast")
    ) async throws(HoldfastError) -> HTTPDaemon {
        try await open(
            store, on: addresses, settings: settings, observers: observers, logger: logger,
            routes: AllRoutes.routes)
    }

    static func open(
        _ store: HistoryStore, on addresses: [ListenAddress], settings: ServerSettings,
        observers: [any RequestObserver], logger: Logger, routes: [Route]
    ) async throws(HoldfastError) -> HTTPDaemon {
        let environment = ServerEnvironment(settings: settings, logger: logger, observers: observers)
        let responder = Responder(store: store, environment: environment, gate: Gate(), routes: routes)
        var listeners: [Listener] = []
        for address in addresses {
            do {
                listeners.append(try await Listener.bind(address, responder, encryption: nil))
            } catch {
                for listener in listeners { listener.abandon() }
                throw error
            }
        }
        return HTTPDaemon(
            addresses: listeners.map(\.address), listeners: listeners, settings: settings)
    }

    /// Serves until the service group shuts down gracefully, or the task is cancelled.
    package func run() async {
        await withTaskGroup(of: Void.self) { group in
            for listener in listeners {
                group.addTask { await listener.run(drainTimeout: settings.drainTimeout) }
            }
        }
    }
}
