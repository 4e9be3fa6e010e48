internal import Glibc

/// A Redis server of its own, in a temporary directory, on a Unix socket or a port of loopback.
///
/// Ended by the process id that was started.
public final class RedisServer: @unchecked Sendable {
    // @unchecked: a test starts, stops and kills its server from one task at a time.
    /// What survives the end of a server.
    public enum Persistence: Sendable {
        /// Nothing.
        case none
        /// Every write, on the disk before it is answered.
        case always
        /// Every write, synced once a second.
        case everySecond
    }

    /// Where the server lives; its socket is in the same directory.
    public let directory: TemporaryDirectory
    /// The port on 127.0.0.1; 0 for a server that has only its socket.
    public private(set) var port: Int
    private let persistence: Persistence
    private let settings: [String]
    private let isSentinel: Bool
    private var process: pid_t?

    /// Why there can be no server here, or nothing.
    public static let absence: String? = {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let places = path.split(separator: ":").map(String.init)
        let isThere = ["redis-server", "redis-cli"].allSatisfy { program in
            places.contains { access("\($0)/\(program)", X_OK) == 0 }
        }
        return isThere ? nil : "Redis is not installed: redis-server and redis-cli were not found"
    }()

    /// Whether there can be a server, said once where there cannot.
    public static let isThere: Bool = {
        guard let absence else { return true }
        print("skipped: \(absence)")
        return false
    }()

    /// Makes and starts a server.
    ///
    /// - Parameters:
    ///   - persistence: what survives its end.
    ///   - listens: on a port too; without it nothing else can have the server's place.
    ///   - settings: more of what stands in a redis.conf, one word after the other, such as `--maxmemory`, `8mb`.
    /// - Throws: what redis-server said.
    public init(_ persistence: Persistence = .none, listens: Bool = false, settings: [String] = []) throws {
        directory = try TemporaryDirectory()
        self.persistence = persistence
        self.settings = settings
        isSentinel = false
        port = 0
        if listens { try startOnFreePort() } else { try start() }
    }

    /// Makes and starts a sentinel that watches servers on loopback.
    ///
    /// It is patient, so that a machine under load makes nobody fail over: tell it by
    /// `SENTINEL SET name down-after-milliseconds 500` when a server has ended.
    ///
    /// - Parameters:
    ///   - name: what the sentinels call the primary.
    ///   - primary: the port of the primary.
    ///   - quorum: how many sentinels must agree that it is down.
    /// - Throws: what redis-server said.
    public init(sentinelOf name: String, primary: Int, quorum: Int = 1) throws {
        directory = try TemporaryDirectory()
        persistence = .none
        settings = []
        isSentinel = true
        port = 0
        let lines = [
            "sentinel monitor \(name) 127.0.0.1 \(primary) \(quorum)",
            "sentinel down-after-milliseconds \(name) 60000", "sentinel failover-timeout \(name) 3000",
            "sentinel parallel-syncs \(name) 1",
        ]
        try directory.write(Array((lines.joined(separator: "\n") + "\n").utf8), to: "sentinel.conf")
        try startOnFreePort()
    }

    deinit { stop() }

    /// One server for all tests of a process that do not stop it; it ends with the process.
    public static let shared: Result<RedisServer, any Error> = {
        let server = Result { try RedisServer() }
        // Nobody else ends what lives as long as the process.
        atexit { RedisServer.endShared() }
        return server
    }()

    /// The same, of a server that syncs before it answers, as a log needs it.
    public static let sharedDurable: Result<RedisServer, any Error> = {
        let server = Result { try RedisServer(.always) }
        atexit { RedisServer.endSharedDurable() }
        return server
    }()

    private static func endShared() { end(shared) }

    private static func endSharedDurable() { end(sharedDurable) }

    private static func end(_ server: Result<RedisServer, any Error>) {
        guard case .success(let server) = server else { return }
        server.stop()
        server.directory.remove()
    }

    /// The URL of the server: its socket.
    public var url: String { "unix:\(socket)" }

    /// The path of the server's socket.
    public var socket: String { directory.file("redis.sock") }

    /// A port that is free when it is drawn may be taken by another process before the server binds it.
    private func startOnFreePort() throws {
        var attempt = 0
        while true {
            port = try LoopbackPort.free()
            do {
                return try start()
            } catch {
                attempt += 1
                guard "\(error)".contains("Address already in use"), attempt < 20 else { throw error }
                unlink(directory.file("log"))
            }
        }
    }

    /// Starts the server and waits until it answers; what it kept is there again.
    public func start() throws {
        process = try ChildProcess.start(arguments, log: directory.file("log"))
        while true {
            if answersPing() { return }
            var status: Int32 = 0
            if let process, waitpid(process, &status, WNOHANG) == process {
                self.process = nil
                let log = (try? TextFile.read(directory.file("log"))) ?? ""
                throw TestSupportError("redis-server ended: \(log)")
            }
            sched_yield()
        }
    }

    /// Whether the server takes a connection on its socket and says anything but that it is loading.
    private func answersPing() -> Bool {
        let descriptor = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { room in
            for (index, byte) in socket.utf8.enumerated() { room[index] = byte }
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, length) }
        }
        let question = Array("PING\r\n".utf8)
        guard result == 0, write(descriptor, question, question.count) == question.count else { return false }
        var answer = [UInt8](repeating: 0, count: 128)
        let count = read(descriptor, &answer, answer.count)
        guard count > 0 else { return false }
        return !String(decoding: answer[..<count], as: UTF8.self).hasPrefix("-LOADING")
    }

    private var arguments: [String] {
        if isSentinel {
            return [
                "redis-server", directory.file("sentinel.conf"), "--sentinel", "--port", String(port),
                "--bind",
                "127.0.0.1", "--dir", directory.path, "--unixsocket", socket,
            ]
        }
        let kept =
            switch persistence {
            case .none: ["--appendonly", "no"]
            case .always: ["--appendonly", "yes", "--appendfsync", "always"]
            case .everySecond: ["--appendonly", "yes", "--appendfsync", "everysec"]
            }
        return [
            "redis-server", "--port", String(port), "--bind", "127.0.0.1", "--unixsocket", socket, "--dir",
            directory.path, "--save", "", "--repl-diskless-sync-delay", "0",
        ] + kept + settings
    }

    /// Runs a command with `redis-cli`, over the socket.
    ///
    /// - Returns: what it printed.
    @discardableResult
    public func run(_ command: String...) throws -> String {
        let address = isSentinel ? ["-p", String(port)] : ["-s", socket]
        let run = try CommandRun(["redis-cli"] + address + command, scratch: TemporaryDirectory())
        guard run.status == 0 else { throw TestSupportError("redis-cli failed: \(run.output)") }
        return run.output
    }

    /// Ends the server at once, as a power loss would end it.
    public func kill() {
        guard let process else { return }
        Glibc.kill(process, SIGKILL)
        reap()
    }

    /// Holds the server, which then answers nothing, until ``resume()``.
    public func pause() { process.map { _ = Glibc.kill($0, SIGSTOP) } }

    /// Lets a held server go on.
    public func resume() { process.map { _ = Glibc.kill($0, SIGCONT) } }

    /// Stops the server.
    public func stop() {
        guard let process else { return }
        Glibc.kill(process, SIGTERM)
        resume()
        reap()
    }

    private func reap() {
        guard let process else { return }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        self.process = nil
    }
}
