import Crypto
import Holdfast
import HoldfastTestSupport
import Logging
import ServiceLifecycle

@testable import HoldfastHTTP

/// A daemon over a store in memory, on a free port of loopback, for the length of a test.
struct TestDaemon: Sendable {
    let store: HistoryStore
    let daemon: HTTPDaemon
    private let group: ServiceGroup
    /// The directory of the test, for sockets and files.
    let directory: TemporaryDirectory

    /// Where it listens first.
    var address: ListenAddress { daemon.addresses[0] }

    /// Starts a daemon, lets a function use it, stops it, whatever happens.
    static func with<Result: Sendable>(
        settings: ServerSettings = ServerSettings(), isOnSocket: Bool = false, routes: [Route]? = nil,
        tokens: TokenFile? = nil, certificate: (path: String, keyPath: String)? = nil,
        observers: [any RequestObserver] = [], store given: HistoryStore? = nil,
        _ body: @escaping @Sendable (TestDaemon) async throws -> Result
    ) async throws -> Result {
        let directory = try TemporaryDirectory()
        let store = if let given { given } else { try await memory(in: directory) }
        var addresses: [ListenAddress] = [.tcp(host: "127.0.0.1", port: 0)]
        if isOnSocket { addresses.append(.unix(path: directory.file("s"))) }
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        var options = DaemonOptions(addresses)
        options.settings = settings
        options.tokens = tokens
        options.certificate = certificate
        options.observers = observers
        let daemon = try await HTTPDaemon.open(
            store, options, logger: logger, routes: routes ?? AllRoutes.routes)
        let group = ServiceGroup(
            configuration: ServiceGroupConfiguration(
                services: [.init(service: daemon)], logger: logger))
        let test = TestDaemon(store: store, daemon: daemon, group: group, directory: directory)
        return try await run(test, body)
    }

    private static func run<Result: Sendable>(
        _ test: TestDaemon, _ body: @escaping @Sendable (TestDaemon) async throws -> Result
    ) async throws -> Result {
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await test.group.run() }
            let outcome: Swift.Result<Result, any Error>
            do { outcome = .success(try await body(test)) } catch { outcome = .failure(error) }
            await test.stop()
            try await tasks.waitForAll()
            await test.store.close()
            return try outcome.get()
        }
    }

    /// Tells the daemon to stop, as SIGTERM does.
    func stop() async { await group.triggerGracefulShutdown() }

    /// A store in memory that is empty.
    static func memory(in directory: TemporaryDirectory) async throws -> HistoryStore {
        let text = """
            plugins: { path: ["\(ProcessFacts.executableDirectory)"] }
            storage: { type: memory, space: "\(directory.path)" }
            """
        return try await HistoryStore.open(
            configuration: try directory.write(Array(text.utf8), to: "storage.yaml"),
            environment: StoreEnvironment(digest: { Array(SHA256.hash(data: $0.array)) }))
    }

    /// Sends one request on a connection of its own.
    ///
    /// - Parameters:
    ///   - method: such as `GET`.
    ///   - target: percent-encoded, sent as it is.
    ///   - headers: besides `Host` and `Content-Length`.
    ///   - body: nothing sends no `Content-Length` either.
    ///   - index: of the address.
    /// - Returns: the answer.
    /// - Throws: where none comes.
    func send(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: String? = nil,
        at index: Int = 0
    ) async throws -> HTTPAnswer {
        try await HTTPConnection.with(daemon.addresses[index]) { connection in
            try await connection.send(
                Self.request(method, target, headers, body: body.map { Array($0.utf8) }))
            guard let answer = try await connection.receive(isHead: method == "HEAD") else {
                throw TestSupportError("\(method) \(target) got no answer")
            }
            return answer
        }
    }

    /// The bytes of a request.
    static func request(
        _ method: String, _ target: String, _ headers: [(String, String)] = [], body: [UInt8]? = nil
    ) -> [UInt8] {
        var head = "\(method) \(target) HTTP/1.1\r\nHost: test\r\n"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        if let body { head += "Content-Length: \(body.count)\r\n" }
        return Array("\(head)\r\n".utf8) + (body ?? [])
    }
}
