package import HoldfastConfiguration

/// What bounds a daemon: sizes, counts and times.
package struct ServerSettings: Hashable, Sendable {
    /// The most bytes of a body; more is refused with 413.
    package var bodyByteCountMax = 48 << 20
    /// The most bytes of all headers together; more is refused with 431.
    package var headerByteCountMax = 64 << 10
    /// The most headers.
    package var headerCountMax = 128
    /// The most connections at once on each address; more wait until one is closed.
    package var connectionCountMax = 1024
    /// How long a connection may be idle between requests.
    package var idleTimeout = Duration.seconds(75)
    /// How long the whole of a request may take to arrive, from its first byte.
    package var readTimeout = Duration.seconds(30)
    /// How long a client may take no byte of an answer.
    package var writeTimeout = Duration.seconds(30)
    /// How long a request may take; a client may ask for less.
    package var requestTimeout = Duration.seconds(30)
    /// The most event streams at once; more is refused with 429.
    package var followerCountMax = 512
    /// After how long without an event a follower hears that the daemon is there.
    package var heartbeat = Duration.seconds(15)
    /// How long requests may go on once the daemon was told to stop.
    package var drainTimeout = Duration.seconds(10)

    /// The defaults.
    package init() {}

    /// What a storage.yaml says.
    package init(_ configuration: ServerConfiguration) {
        bodyByteCountMax = configuration.bodyByteCountMax
        headerByteCountMax = configuration.headerByteCountMax
        connectionCountMax = configuration.connectionCountMax
        idleTimeout = configuration.idleTimeout
        readTimeout = configuration.readTimeout
        writeTimeout = configuration.writeTimeout
        requestTimeout = configuration.requestTimeout
        followerCountMax = configuration.followerCountMax
        heartbeat = configuration.followHeartbeat
        drainTimeout = configuration.drainTimeout
    }
}
