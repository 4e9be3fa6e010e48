import HoldfastTestSupport

/// A server that a test kills, holds and starts again, whatever it is.
struct FailingServer: Sendable, CustomStringConvertible {
    let description: String
    let port: Int
    let kill: @Sendable () -> Void
    let start: @Sendable () throws -> Void
    let pause: @Sendable () -> Void
    let resume: @Sendable () -> Void
    private let options: @Sendable (_ port: Int) -> String

    /// A provider of storage.yaml that reaches it, straight or through a proxy.
    func provider(port: Int? = nil) -> String { options(port ?? self.port) }

    /// Which server to start.
    enum Kind: String, Sendable {
        case postgresql
        /// Keeps nothing when it ends.
        case redis
        /// Keeps what it has answered.
        case durableRedis = "redis that syncs"

        /// Whether it can be started here.
        var isThere: Bool { self == .postgresql ? PostgresServer.isThere : RedisServer.isThere }
    }

    /// Starts a server.
    init(_ kind: Kind) throws {
        description = kind.rawValue
        switch kind {
        case .postgresql:
            let server = try PostgresServer(listens: true)
            port = server.port
            kill = { server.kill() }
            start = { try server.start() }
            pause = { server.pause() }
            resume = { server.resume() }
            options = {
                """
                { type: postgresql, host: 127.0.0.1, port: \($0), user: holdfast, database: postgres,
                  sslmode: disable, password: "${PASSWORD}", pool: { connect_timeout: 2s } }
                """
            }
        case .redis, .durableRedis:
            let server = try RedisServer(kind == .redis ? .none : .always, listens: true)
            port = server.port
            kill = { server.kill() }
            start = { try server.start() }
            pause = { server.pause() }
            resume = { server.resume() }
            options = { "{ type: redis, url: \"redis://127.0.0.1:\($0)\", pool: { connect_timeout: 2s } }" }
        }
    }

    /// What `${NAME}` stands for in the providers.
    static let variables = ["PASSWORD": PostgresServer.password]
}
