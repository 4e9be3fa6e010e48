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
        "server.tokens", "server.body_max", "server.request_timeout", "server.read_timeout",
        "server.write_timeout", "server.followers_max", "server.follow_heartbeat", "server.drain_timeout",
        "server.log_level",
    ]

    /// Reads the file again, and hands over what the daemon can take.
    ///
    /// - Parameters:
    ///   - daemon: serves.
    ///   - logger: hears which keys have changed and wait for a restart.
    /// - Throws: what is wrong with the file, the tokens or the certificate; then everything is as it was.
    func reload(_ daemon: HTTPDaemon, _ logger: Logger) throws {
        let fresh = try StorageConfiguration.load(path: path)
        let server = fresh.server ?? .standard
        try daemon.reload(tokens: try ServeCommand.tokens(server), settings: ServerSettings(server))
        if !isLevelGiven { log.level = Logger.Level(server.logLevel) }
        for warning in fresh.warnings { logger.warning("\(warning)") }
        let waiting = fresh.differences(from: start).filter { !Self.taken.contains($0) }
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
