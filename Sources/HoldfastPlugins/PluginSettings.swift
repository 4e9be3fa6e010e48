public import HoldfastModel
private import HoldfastSupport

/// One backend of storage.yaml as its plugin is given it.
public struct PluginSettings: Hashable, Sendable {
    /// The name in storage.yaml.
    public var name: String
    /// The plugin's options as a JSON object, secrets resolved.
    public var options: Bytes
    /// The fields that queries filter on, as JSON: `{"namespace": ["field", …]}`.
    public var indexes: Bytes
    /// See ``Pool-swift.struct``.
    public var pool: Pool

    /// Connections and threads.
    public struct Pool: Hashable, Sendable {
        /// `pool: max`: connections, the writer's included.
        public var connectionCountMax: Int
        /// `pool: idle_timeout`: how long a connection that nobody uses stays open; zero keeps none.
        public var idleTimeout: Duration
        /// `pool: connect_timeout`: how long opening one may take.
        public var connectTimeout: Duration
        /// At most so many calls wait for a connection; more are refused with `exhausted`.
        public var queueCountMax: Int
        /// At most so many calls that are stuck in the plugin are replaced.
        public var stuckCountMax: Int
        /// How long after its deadline a call counts as stuck.
        public var abandonGrace: Duration
        /// How long closing waits for calls that run.
        public var drainTimeout: Duration

        /// Makes settings of a pool.
        public init(
            connectionCountMax: Int = 4, idleTimeout: Duration = .seconds(60),
            connectTimeout: Duration = .seconds(5),
            queueCountMax: Int = 4096, stuckCountMax: Int = 8, abandonGrace: Duration = .milliseconds(250),
            drainTimeout: Duration = .seconds(10)
        ) {
            self.connectionCountMax = connectionCountMax
            self.idleTimeout = idleTimeout
            self.connectTimeout = connectTimeout
            self.queueCountMax = queueCountMax
            self.stuckCountMax = stuckCountMax
            self.abandonGrace = abandonGrace
            self.drainTimeout = drainTimeout
        }
    }

    /// Makes settings.
    public init(name: String, options: Bytes = "{}", indexes: Bytes = "{}", pool: Pool = Pool()) {
        self.name = name
        self.options = options
        self.indexes = indexes
        self.pool = pool
    }
}
