import Glibc
import Holdfast
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("holdfast serve") struct ServeTests {
    private let directory: TemporaryDirectory
    private let log: String

    init() throws {
        directory = try TemporaryDirectory()
        log = directory.file("log")
    }

    /// Starts the real executable.
    private func start(server: String, notify: String) throws -> Int32 {
        let text = """
            plugins: { path: ["\(ProcessFacts.executableDirectory)"] }
            storage: { type: memory, space: "\(directory.path)" }
            server: \(server)
            """
        let file = try directory.write(Array(text.utf8), to: "storage.yaml")
        return try ChildProcess.start(
            [
                "env", "NOTIFY_SOCKET=\(notify)", "\(ProcessFacts.executableDirectory)/holdfast", "serve",
                "--config", file,
            ], log: log)
    }

    /// The addresses that were printed.
    private func addresses() throws -> [ListenAddress] {
        try TextFile.read(log).split(separator: "\n").filter { $0.hasPrefix("listening on ") }.map { line in
            let text = line.dropFirst("listening on ".count)
            return try ListenAddress(String(text.hasPrefix("http://") ? text.dropFirst(7) : text))
        }
    }

    private func status(
        _ target: String, _ headers: [(String, String)] = [], at address: ListenAddress
    ) async throws -> Int? {
        try await HTTPConnection.with(address) { connection in
            try await connection.send(TestDaemon.request("GET", target, headers))
            return try await connection.receive()?.status
        }
    }

    @Test(
        "tells the service manager and people where it listens, reloads its tokens, and ends when it is told")
    func life() async throws {
        let reader = try TokenFile.draft(name: "a", scope: .read, tenant: nil)
        let other = try TokenFile.draft(name: "b", scope: .read, tenant: nil)
        try directory.write(Array(reader.line.utf8), to: "tokens")
        let manager = try NotifySocket(directory.file("notify"))
        let process = try start(
            server: "{ listen: \"127.0.0.1:0\", socket: ./socket, tokens: ./tokens }",
            notify: directory.file("notify"))
        let first = await manager.next()
        #expect(first == "READY=1", "\((try? TextFile.read(log)) ?? "")")
        let addresses = try addresses()
        try #require(addresses.count == 2)
        let token = [("Authorization", "Bearer \(reader.token)")]
        #expect(try await status("/v1/locks", at: addresses[0]) == 401)
        #expect(try await status("/v1/locks", token, at: addresses[0]) == 200)
        #expect(try await status("/v1/locks", at: addresses[1]) == 200)
        try directory.write(Array(other.line.utf8), to: "tokens")
        kill(process, SIGHUP)
        #expect(await manager.next()?.hasPrefix("RELOADING=1\nMONOTONIC_USEC=") == true)
        #expect(await manager.next() == "READY=1")
        #expect(try await status("/v1/locks", token, at: addresses[0]) == 401)
        kill(process, SIGTERM)
        #expect(await manager.next() == "STOPPING=1")
        #expect(await NotifySocket.end(of: process) == 0)
        #expect(access(directory.file("socket"), F_OK) != 0)
    }

    /// A connection that begins after a reload is held to the new limit of headers.
    private static func checkHeaders(at address: ListenAddress) async throws {
        try await HTTPConnection.with(address) { connection in
            let long = [("X-Long", String(repeating: "x", count: 2000))]
            try await connection.send(TestDaemon.request("GET", "/healthz", long))
            #expect(try await connection.receive()?.status == 431)
        }
    }

    /// Replaces the storage.yaml, tells the daemon, and returns when it has done what it can.
    private func reload(_ process: Int32, _ server: String, _ manager: NotifySocket) async throws {
        let text = try TextFile.read(directory.file("storage.yaml"))
        let kept = text.prefix(upTo: try #require(text.firstRange(of: "server:")).lowerBound)
        try directory.write(Array("\(kept)server: \(server)\n".utf8), to: "storage.yaml")
        kill(process, SIGHUP)
        #expect(await manager.next()?.hasPrefix("RELOADING=1") == true)
        #expect(await manager.next() == "READY=1")
    }

    @Test(
        "SIGHUP takes over limits and the level of the log, names what waits, and leaves a wrong file alone")
    func settings() async throws {
        let manager = try NotifySocket(directory.file("notify"))
        let rest = "listen: \"127.0.0.1:0\", idle_timeout: 60s"
        let retention = "retention: { interval: 1h, policies: [{ namespace: n, max_age: 1d }] }"
        let process = try start(
            server: "{ \(rest), log_level: error, body_max: 1KiB }", notify: directory.file("notify"))
        #expect(await manager.next() == "READY=1")
        let address = try #require(try addresses().first)
        let large = TestDaemon.request(
            "PUT", "/v1/documents/n/k", body: Array("\"\(String(repeating: "x", count: 2000))\"".utf8))
        try await HTTPConnection.with(address) { connection in
            try await connection.send(large)
            #expect(try await connection.receive()?.status == 413)
        }
        // This connection stays open across it.
        try await HTTPConnection.with(address) { connection in
            try await connection.send(TestDaemon.request("GET", "/healthz"))
            #expect(try await connection.receive()?.status == 200)
            try await reload(
                process,
                "{ \(rest), insecure: true, log_level: debug, body_max: 1MiB, headers_max: 1KiB, "
                    + "connections_max: 9 }\n\(retention)",
                manager)
            try await connection.send(large)
            #expect(try await connection.receive()?.status == 200)
            try await Self.checkHeaders(at: address)
            try await connection.send(TestDaemon.request("POST", "/v1/admin/retention?dryRun=true"))
            let run = try await connection.receive()
            #expect(
                run?.status == 200 && run?.text.contains(#""namespace":"n""#) == true, "\(run?.text ?? "")")
            try await reload(process, "{ lisen: nowhere }", manager)
            try await connection.send(large)
            #expect(try await connection.receive()?.status == 200)
            try await reload(process, "{ \(rest), log_level: critical }", manager)
        }
        let lines = try TextFile.read(log).split(separator: "\n")
        func count(_ text: String) -> Int { lines.filter { $0.contains(text) }.count }
        #expect(count("notice reloaded") == 1)
        #expect(count("waiting for a restart: server.insecure") == 1)
        #expect(count("waiting for a restart") == 1)
        #expect(count("nothing is reloaded: ") == 1 && count("did you mean \"listen\"?") == 1)
        #expect(count("debug PUT /v1/documents/{namespace}/{key}: 200") == 2)
        kill(process, SIGTERM)
        #expect(await manager.next() == "STOPPING=1")
        #expect(await NotifySocket.end(of: process) == 0)
    }

    @Test("a second signal ends it at once, and an abstract socket is told as well")
    func force() async throws {
        let name = "@holdfast-test-\(UInt64.random(in: 0 ... .max))"
        let manager = try NotifySocket(name)
        let process = try start(server: "{ listen: \"127.0.0.1:0\", drain_timeout: 1h }", notify: name)
        #expect(await manager.next() == "READY=1")
        let address = try #require(try addresses().first)
        let status = try await HTTPConnection.with(address) { connection in
            // A request that does not end keeps the daemon draining.
            try await connection.send("PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n")
            try await connection.send("Expect: 100-continue\r\n\r\n")
            #expect(try await connection.receive()?.status == 100)
            kill(process, SIGTERM)
            let stopping = await manager.next()
            #expect(stopping == "STOPPING=1")
            kill(process, SIGINT)
            return await NotifySocket.end(of: process)
        }
        #expect(status == 128 + SIGINT)
    }

    @Test("the time to drain is the one that was reloaded last")
    func drain() async throws {
        let manager = try NotifySocket(directory.file("notify"))
        let listen = "listen: \"127.0.0.1:0\""
        let process = try start(
            server: "{ \(listen), drain_timeout: 1h }", notify: directory.file("notify"))
        #expect(await manager.next() == "READY=1")
        let address = try #require(try addresses().first)
        let status = try await HTTPConnection.with(address) { connection in
            // A request that does not end would keep the daemon draining for an hour.
            try await connection.send("PUT /v1/documents/n/k HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n")
            try await connection.send("Expect: 100-continue\r\n\r\n")
            #expect(try await connection.receive()?.status == 100)
            try await reload(process, "{ \(listen), drain_timeout: 10ms }", manager)
            kill(process, SIGTERM)
            return await NotifySocket.end(of: process)
        }
        #expect(status == 0)
    }

    @Test("a start that takes long asks the service manager for more time, until it has ended")
    func longStart() async throws {
        let manager = try NotifySocket(directory.file("notify"))
        let notice = ServiceNotice(socketName: directory.file("notify"))
        let clock = SteppedClock()
        let answer = await notice.whileStarting(clock) {
            for _ in 0..<3 {
                await clock.waiters(atLeast: 1)
                clock.advance(by: ServiceNotice.startingInterval)
                #expect(await manager.next() == "EXTEND_TIMEOUT_USEC=60000000")
            }
            return 7
        }
        #expect(answer == 7)
        clock.advance(by: ServiceNotice.startingInterval)
        notice.ready()
        #expect(await manager.next() == "READY=1")
    }

    @Test("an address that others reach is refused where no token is set")
    func reach() async throws {
        let process = try start(server: "{ listen: \"0.0.0.0:0\" }", notify: "")
        let status = await NotifySocket.end(of: process)
        #expect(status != 0)
        #expect(try TextFile.read(log).contains("insecure: true"))
    }
}
