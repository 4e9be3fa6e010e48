import Holdfast
import HoldfastConfiguration
import HoldfastHTTP
import HoldfastModel
import HoldfastPlugins
import Logging

/// The storage.yaml of a running daemon: what of a changed file it takes over, and what waits for a restart.
struct ServedConfiguration: Sendable {
    /// The file.
    let path: String
    /// What the daemon was started with.
    let start: StorageConfiguration
    /// The log, whose level changes.
    let log: OperatorLog
    /// Whether the command line gave the level, which then holds.
    let isLevelGiven: Bool

    /// The keys that a running daemon takes over.
    private static let taken: Set<String> = [
        "server.tokens", "server.body_max", "server.headers_max", "server.connections_max",
        "server.request_timeout", "server.read_timeout", "server.write_timeout", "server.idle_timeout",
        "server.followers_max", "server.follow_heartbeat", "server.drain_timeout", "server.log_level",
    ]
    /// Those that it takes over where it had a certificate before, and has one still.
    private static let takenWithCertificate: Set<String> = ["server.tls_certificate", "server.tls_key"]

    /// Reads the file again, and hands over what the daemon can take.
    ///
    /// - Parameters:
    ///   - daemon: serves.
    ///   - store: what it serves.
    ///   - logger: hears which keys have changed and wait for a restart.
    /// - Throws: what is wrong with the file, the tokens or the certificate; then everything is as it was.
    func reload(_ daemon: HTTPDaemon, _ store: HistoryStore, _ logger: Logger) throws {
        let fresh = try StorageConfiguration.load(path: path)
        let server = fresh.server ?? .standard
        let certificate = ServeCommand.certificate(server)
        let tokens = try ServeCommand.tokens(server)
        try daemon.reload(tokens: tokens, settings: ServerSettings(server), certificate: certificate)
        // Policies that say nothing were refused as the file was read.
        try store.retain(fresh.retention)
        if !isLevelGiven { log.level = Logger.Level(server.logLevel) }
        for warning in fresh.warnings { logger.warning("\(warning)") }
        let hasCertificate = daemon.isEncrypted && certificate != nil
        let waiting = fresh.differences(from: start).filter { key in
            !Self.taken.contains(key) && !key.hasPrefix("retention.")
                && !(hasCertificate && Self.takenWithCertificate.contains(key))
        }
        guard !waiting.isEmpty else { return }
        logger.warning(
            "changed in storage.yaml, and waiting for a restart: \(waiting.joined(separator: ", "))")
    }
}

extension Logger.Level {
    /// The level that a storage.yaml names.
    init(_ level: ServerConfiguration.LogLevel) { self = Logger.Level(rawValue: level.rawValue) ?? .info }

    /// The level of a line of a plugin.
    init(_ level: HostServices.LogLevel) {
        self =
            switch level {
            case .trace: .trace
            case .debug: .debug
            case .info: .info
            case .warning: .warning
            case .error: .error
            }
    }
}
