internal import Glibc

/// A PostgreSQL server of its own, in a temporary directory, on a Unix socket and a free port of loopback.
///
/// Made by `initdb`, started by `postgres` itself, ended by the process id that was started.
public final class PostgresServer: @unchecked Sendable {
    // @unchecked: a test starts, stops and kills its server from one task at a time.
    /// Where the server lives; its socket is in the same directory.
    public let directory: TemporaryDirectory
    /// The port on 127.0.0.1.
    public private(set) var port: Int
    private let programs: String
    private let isDurable: Bool
    private let listens: Bool
    private var process: pid_t?

    /// The directory of the server's programs, or nothing where PostgreSQL is not installed.
    public static let programDirectory: String? = {
        let versions = (9...30).reversed().map { "/usr/lib/postgresql/\($0)/bin" }
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let places = versions + ["/usr/pgsql/bin"] + path.split(separator: ":").map(String.init)
        return places.first { place in
            ["initdb", "postgres"].allSatisfy { access("\(place)/\($0)", X_OK) == 0 }
        }
    }()

    /// Why there can be no server here, or nothing.
    public static let absence: String? = {
        if programDirectory == nil {
            return "PostgreSQL is not installed: initdb and postgres were not found"
        }
        if getuid() == 0, getpwnam(user) == nil {
            return "PostgreSQL refuses to run as root, and nobody else is here"
        }
        return nil
    }()

    /// Whether there can be a server, said once where there cannot.
    public static let isThere: Bool = {
        guard let absence else { return true }
        print("skipped: \(absence)")
        return false
    }()

    private static let user = getpwnam("postgres") == nil ? "nobody" : "postgres"

    /// Makes and starts a server with a user `holdfast` who needs no password on the socket, and the password
    /// `horse:battery@staple` on the port.
    ///
    /// - Parameters:
    ///   - isDurable: whether commits wait for the disk.
    ///   - listens: on the port too; without it nothing else can have the server's place.
    /// - Throws: what initdb or postgres said.
    public init(isDurable: Bool = true, listens: Bool = false) throws {
        guard let programs = Self.programDirectory else {
            throw TestSupportError("PostgreSQL is not installed")
        }
        self.programs = programs
        self.isDurable = isDurable
        self.listens = listens
        directory = try TemporaryDirectory()
        port = try Self.freePort()
        try own(directory.path)
        try own(directory.write(Array(Self.password.utf8), to: "password", mode: 0o644))
        let run = try CommandRun(
            Self.command(
                [
                    "\(programs)/initdb", "-D", directory.file("data"), "-U", "holdfast", "-E", "UTF8",
                    "--locale=C", "--no-sync", "--auth-local=trust", "--auth-host=scram-sha-256",
                    "--pwfile=\(directory.file("password"))",
                ]), scratch: TemporaryDirectory())
        guard run.status == 0 else { throw TestSupportError("initdb failed: \(run.output)") }
        try startOnFreePort()
    }

    /// Copies a running server and starts the copy as its standby: it replays what the other one commits, and takes
    /// no writes until ``promote()``.
    ///
    /// - Throws: what pg_basebackup or postgres said.
    public init(followerOf primary: PostgresServer) throws {
        programs = primary.programs
        isDurable = primary.isDurable
        listens = primary.listens
        directory = try TemporaryDirectory()
        port = try Self.freePort()
        try own(directory.path)
        let run = try CommandRun(
            Self.command(
                [
                    "\(programs)/pg_basebackup", "-D", directory.file("data"), "-X", "stream", "-R", "-c",
                    "fast",
                    "--no-sync", "-d",
                    "host=\(primary.directory.path) port=\(primary.port) user=holdfast application_name=standby",
                ]), scratch: TemporaryDirectory())
        guard run.status == 0 else { throw TestSupportError("pg_basebackup failed: \(run.output)") }
        try startOnFreePort()
    }

    deinit { stop() }

    /// Makes a standby take writes; returns when it does.
    public func promote() throws { try run("SELECT pg_promote(true, 60)") }

    /// One server for all tests of a process that do not stop it; it ends with the process.
    public static let shared: Result<PostgresServer, any Error> = {
        let server = Result { try PostgresServer(isDurable: false, listens: true) }
        // Nobody else ends what lives as long as the process.
        atexit { PostgresServer.endShared() }
        return server
    }()

    private static func endShared() {
        guard case .success(let server) = shared else { return }
        server.stop()
        server.directory.remove()
    }

    /// The password of the user `holdfast`.
    public static let password = "horse:battery@staple"

    /// A connection string for the port.
    public var url: String {
        "postgresql://holdfast:horse%3Abattery%40staple@127.0.0.1:\(port)/postgres?sslmode=disable"
    }

    /// The options of a backend over the Unix socket, without braces.
    public var options: String {
        "\"host\": \"\(directory.path)\", \"port\": \(port), \"user\": \"holdfast\", \"database\": \"postgres\""
    }

    /// A port that is free when it is drawn may be taken by another process before the server binds it.
    private func startOnFreePort() throws {
        var attempt = 0
        while true {
            do {
                return try start()
            } catch {
                attempt += 1
                guard "\(error)".contains("Address already in use"), attempt < 20 else { throw error }
                unlink(directory.file("log"))
                port = try Self.freePort()
            }
        }
    }

    /// Starts the server and waits until it answers.
    public func start() throws {
        let arguments = [
            "\(programs)/postgres", "-D", directory.file("data"), "-p", String(port), "-k", directory.path,
            "-c", "listen_addresses=\(listens ? "127.0.0.1" : "")", "-c", "max_connections=300", "-c",
            "shared_buffers=32MB",
            "-c", "fsync=\(isDurable ? "on" : "off")", "-c", "full_page_writes=\(isDurable ? "on" : "off")",
        ]
        process = try Self.spawn(Self.command(arguments), log: directory.file("log"))
        while true {
            // The probe itself waits, so nothing here does.
            let probe = try CommandRun(
                [
                    "\(programs)/pg_isready", "-q", "-h", directory.path, "-p", String(port), "-t", "1",
                ], scratch: TemporaryDirectory())
            if probe.status == 0 { return }
            var status: Int32 = 0
            if let process, waitpid(process, &status, WNOHANG) == process {
                self.process = nil
                throw TestSupportError("postgres ended: \((try? TextFile.read(directory.file("log"))) ?? "")")
            }
            sched_yield()
        }
    }

    /// Runs SQL with `psql`.
    ///
    /// - Returns: what it printed, without headers.
    @discardableResult
    public func run(_ sql: String) throws -> String {
        let run = try CommandRun(
            [
                "\(programs)/psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-h", directory.path,
                "-p",
                String(port), "-U", "holdfast", "-d", "postgres", "-c", sql,
            ], scratch: TemporaryDirectory())
        guard run.status == 0 else { throw TestSupportError("psql failed: \(run.output)") }
        return run.output
    }

    /// Runs SQL in a transaction that stays open.
    ///
    /// - Returns: what ends the transaction.
    public func hold(_ sql: String) throws -> PostgresHold {
        let name = "holder-\(UInt64.random(in: 0 ... .max))"
        let process = try Self.spawn(
            [
                "env", "PGAPPNAME=\(name)", "\(programs)/psql", "-X", "-q", "-h", directory.path, "-p",
                String(port), "-U", "holdfast", "-d", "postgres", "-c",
                "BEGIN; \(sql); SELECT pg_sleep(3600)",
            ], log: directory.file("holder"))
        let question =
            "SELECT count(*) FROM pg_stat_activity "
            + "WHERE application_name = '\(name)' AND wait_event = 'PgSleep'"
        while try run(question) != "1\n" { sched_yield() }
        return PostgresHold(server: self, name: name, process: process)
    }

    /// Has the server take encrypted connections, with a certificate of its own.
    ///
    /// - Parameters:
    ///   - identity: what the server shows.
    ///   - client: whose owner may come in without a password; without one, the password stays the way in.
    /// - Throws: when the server does not take it.
    public func encrypt(_ identity: TestCertificate, admitting client: TestCertificate? = nil) throws {
        try own(directory.write(identity.certificate, to: "data/server.crt"))
        try own(directory.write(identity.key, to: "data/server.key"))
        if let client {
            try own(directory.write(client.certificate, to: "data/client.crt"))
            try run("ALTER SYSTEM SET ssl_ca_file = 'client.crt'")
            let rules = "local all all trust\nhostssl all all 127.0.0.1/32 cert\n"
            try own(directory.write(Array(rules.utf8), to: "data/pg_hba.conf"))
        }
        try run("ALTER SYSTEM SET ssl = on")
        try run("SELECT pg_reload_conf()")
        while try run("SHOW ssl") != "on\n" { sched_yield() }
    }

    /// Ends the server at once, as a power loss would end it, with its children.
    public func kill() {
        guard let process else { return }
        let children = children(of: process)
        for child in [process] + children { Glibc.kill(child, SIGKILL) }
        reap()
        // A new server refuses to start beside what is left of the old one.
        for child in children { while Self.isRunning(child) { sched_yield() } }
    }

    private static func isRunning(_ process: pid_t) -> Bool {
        guard let text = try? TextFile.read("/proc/\(process)/stat"), let name = text.lastIndex(of: ")")
        else {
            return false
        }
        return !text[name...].hasPrefix(") Z")
    }

    /// Holds the server and its children, which then answer nothing, until ``resume()``.
    public func pause() { signalAll(SIGSTOP) }

    /// Lets a held server go on.
    public func resume() { signalAll(SIGCONT) }

    /// Stops the server in order.
    public func stop() {
        guard let process else { return }
        Glibc.kill(process, SIGQUIT)
        resume()
        reap()
    }

    // Each child leads a session of its own, so no signal reaches them all at once.
    private func signalAll(_ signal: Int32) {
        guard let process else { return }
        for member in [process] + children(of: process) { Glibc.kill(member, signal) }
    }

    private func children(of process: pid_t) -> [pid_t] {
        let text = (try? TextFile.read("/proc/\(process)/task/\(process)/children")) ?? ""
        return text.split(separator: " ").compactMap { pid_t($0) }
    }

    private func reap() {
        guard let process else { return }
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
        self.process = nil
    }

    // MARK: - Processes

    private func own(_ path: String) throws {
        guard getuid() == 0, let entry = getpwnam(Self.user) else { return }
        guard chown(path, entry.pointee.pw_uid, entry.pointee.pw_gid) == 0 else {
            throw TestSupportError("cannot give \(path) to \(Self.user): errno \(errno)")
        }
    }

    /// PostgreSQL refuses to run as root.
    private static func command(_ arguments: [String]) -> [String] {
        guard getuid() == 0 else { return arguments }
        return ["setpriv", "--reuid=\(user)", "--regid=\(group)", "--clear-groups"] + arguments
    }

    private static var group: String { user == "nobody" ? "nogroup" : user }

    private static func spawn(_ arguments: [String], log: String) throws -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, log, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        InheritedDescriptors.close(&actions)
        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Int16(POSIX_SPAWN_SETPGROUP))
        let pointers = arguments.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        var process = pid_t()
        let failure = posix_spawnp(&process, arguments[0], &actions, &attributes, pointers + [nil], environ)
        guard failure == 0 else { throw TestSupportError("cannot start \(arguments[0]): errno \(failure)") }
        return process
    }

    private static func freePort() throws -> Int {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw TestSupportError("cannot make a socket: errno \(errno)") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard result == 0 else { throw TestSupportError("no port of loopback is free: errno \(errno)") }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}

/// A transaction that stays open in another session.
public struct PostgresHold: Sendable {
    let server: PostgresServer
    let name: String
    let process: pid_t

    /// Ends the session, and with it the transaction.
    public func end() throws {
        try server.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '\(name)'")
        var status: Int32 = 0
        while waitpid(process, &status, 0) < 0, errno == EINTR {}
    }
}
