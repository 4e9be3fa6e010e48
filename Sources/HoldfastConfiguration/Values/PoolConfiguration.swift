/// How many connections the host opens to one backend, and for how long.
public struct PoolConfiguration: Hashable, Sendable {
    /// The most connections, 1 to 1024.
    public let max: Int
    /// How long an unused connection stays open.
    public let idleTimeout: Duration
    /// How long opening one may take.
    public let connectTimeout: Duration

    /// Makes a configuration; the defaults are those of the file.
    public init(max: Int = 4, idleTimeout: Duration = .seconds(60), connectTimeout: Duration = .seconds(5)) {
        self.max = max
        self.idleTimeout = idleTimeout
        self.connectTimeout = connectTimeout
    }
}
