/// Two PostgreSQL servers on loopback, the second a synchronous standby of the first: a commit waits for both.
public final class PostgresPair: Sendable {
    /// Takes writes until it is killed.
    public let primary: PostgresServer
    /// Follows it, until it is promoted.
    public let standby: PostgresServer

    /// Makes and starts both, and returns when commits wait for the standby.
    public init() throws {
        primary = try PostgresServer(listens: true)
        standby = try PostgresServer(followerOf: primary)
        try primary.run("ALTER SYSTEM SET synchronous_standby_names = '*'")
        try primary.run("SELECT pg_reload_conf()")
        while try primary.run("SELECT sync_state FROM pg_stat_replication") != "sync\n" {}
    }

    /// A connection string that names both.
    public var url: String {
        "postgresql://holdfast:horse%3Abattery%40staple@127.0.0.1:\(primary.port),127.0.0.1:\(standby.port)/postgres"
            + "?sslmode=disable&target_session_attrs=read-write"
    }
}
