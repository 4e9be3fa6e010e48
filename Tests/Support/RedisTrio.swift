/// A Redis and its replica on loopback, and three sentinels that promote the replica when the first is lost.
public final class RedisTrio: Sendable {
    /// Takes writes until it is killed.
    public let primary: RedisServer
    /// Follows it, a moment behind, until the sentinels promote it.
    public let replica: RedisServer
    private let sentinels: [RedisServer]

    /// Makes and starts all, and returns when the sentinels know the replica and each other.
    public init() throws {
        primary = try RedisServer(.none, listens: true)
        replica = try RedisServer(
            .none, listens: true, settings: ["--replicaof", "127.0.0.1 \(primary.port)"])
        let port = primary.port
        sentinels = try (0..<3).map { _ in try RedisServer(sentinelOf: "holdfast", primary: port, quorum: 2) }
        while try !primary.run("INFO", "replication").contains("state=online") {}
        for sentinel in sentinels {
            while true {
                let state = try sentinel.run("SENTINEL", "MASTER", "holdfast")
                if state.contains("num-slaves\n1\n"), state.contains("num-other-sentinels\n2\n") { break }
            }
        }
    }

    /// What names the sentinels.
    public var url: String {
        "sentinel://" + sentinels.map { "127.0.0.1:\($0.port)" }.joined(separator: ",") + "/holdfast"
    }

    /// Tells the sentinels, which are patient, that the primary is gone, and returns when the replica has its place.
    public func awaitPromotion() {
        // A sentinel may end the connection that asks.
        for sentinel in sentinels {
            while (try? sentinel.run("SENTINEL", "SET", "holdfast", "down-after-milliseconds", "500")) == nil
            {}
        }
        while (try? replica.run("INFO", "replication").contains("role:master")) != true {}
    }
}
