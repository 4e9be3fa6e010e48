import Holdfast
import HoldfastModel
import HoldfastTestSupport

/// Opens stores for the suites of the domain: each with nothing in it, from a storage.yaml and the real plugins.
///
/// ```swift
/// @Test("…", arguments: DomainBackend.there)
/// func history(backend: DomainBackend) async throws {
///     try await DomainStore.with(backend) { store in
///         …
///     }
/// }
/// ```
enum DomainStore {
    /// Opens an empty store, hands it over, and closes it, whatever happens.
    ///
    /// - Parameters:
    ///   - backend: where the store keeps things.
    ///   - environment: its clock, for instance.
    ///   - body: what is to be done with it.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws, or what kept the store from being opened.
    static func with<Result>(
        _ backend: DomainBackend, _ environment: StoreEnvironment = StoreEnvironment(clock: MovingClock()),
        _ body: (HistoryStore) async throws -> Result
    ) async throws -> Result {
        try await with(backend, hosts: 1, environment) { stores in try await body(stores[0]) }
    }

    /// Opens several hosts of one empty store, each with connections of its own.
    ///
    /// Hosts of one process that are opened on the same memory space share it, as processes share a server.
    ///
    /// - Parameters:
    ///   - backend: where the store keeps things.
    ///   - hostCount: how many hosts.
    ///   - environment: their clock, for instance.
    ///   - body: what is to be done with them.
    /// - Returns: what the body returns.
    /// - Throws: what the body throws, or what kept the store from being opened.
    static func with<Result>(
        _ backend: DomainBackend, hosts hostCount: Int,
        _ environment: StoreEnvironment = StoreEnvironment(clock: MovingClock()),
        _ body: ([HistoryStore]) async throws -> Result
    ) async throws -> Result {
        try await backend.start()
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let text = try backend.yaml(in: directory)
        let file = try directory.write(Array(text.utf8), to: "storage.yaml")
        var stores: [HistoryStore] = []
        do {
            for _ in 0..<hostCount {
                stores.append(try await HistoryStore.open(configuration: file, environment: environment))
            }
            let result = try await body(stores)
            for store in stores { await store.close() }
            return result
        } catch {
            for store in stores { await store.close() }
            throw error
        }
    }
}
