internal import Synchronization

/// What bounds a running daemon, some of which can be changed while it serves.
///
/// Read for each request, so each value is an atomic of its own: a request that meets a change may see some of it.
final class LiveSettings: Sendable {
    private let fixed: ServerSettings
    private let bodyByteCountMax: Atomic<Int>
    private let followerCountMax: Atomic<Int>
    private let requestTimeout: Atomic<Int64>
    private let readTimeout: Atomic<Int64>
    private let writeTimeout: Atomic<Int64>
    private let drainTimeout: Atomic<Int64>
    private let heartbeat: Atomic<Int64>

    init(_ settings: ServerSettings) {
        fixed = settings
        bodyByteCountMax = Atomic(settings.bodyByteCountMax)
        followerCountMax = Atomic(settings.followerCountMax)
        requestTimeout = Atomic(Self.nanoseconds(settings.requestTimeout))
        readTimeout = Atomic(Self.nanoseconds(settings.readTimeout))
        writeTimeout = Atomic(Self.nanoseconds(settings.writeTimeout))
        drainTimeout = Atomic(Self.nanoseconds(settings.drainTimeout))
        heartbeat = Atomic(Self.nanoseconds(settings.heartbeat))
    }

    /// What holds now.
    var current: ServerSettings {
        var settings = fixed
        settings.bodyByteCountMax = bodyByteCountMax.load(ordering: .relaxed)
        settings.followerCountMax = followerCountMax.load(ordering: .relaxed)
        settings.requestTimeout = .nanoseconds(requestTimeout.load(ordering: .relaxed))
        settings.readTimeout = .nanoseconds(readTimeout.load(ordering: .relaxed))
        settings.writeTimeout = .nanoseconds(writeTimeout.load(ordering: .relaxed))
        settings.drainTimeout = .nanoseconds(drainTimeout.load(ordering: .relaxed))
        settings.heartbeat = .nanoseconds(heartbeat.load(ordering: .relaxed))
        return settings
    }

    /// Takes over what can change; what stands in sockets and parsers stays as it is.
    func take(_ settings: ServerSettings) {
        bodyByteCountMax.store(settings.bodyByteCountMax, ordering: .relaxed)
        followerCountMax.store(settings.followerCountMax, ordering: .relaxed)
        requestTimeout.store(Self.nanoseconds(settings.requestTimeout), ordering: .relaxed)
        readTimeout.store(Self.nanoseconds(settings.readTimeout), ordering: .relaxed)
        writeTimeout.store(Self.nanoseconds(settings.writeTimeout), ordering: .relaxed)
        drainTimeout.store(Self.nanoseconds(settings.drainTimeout), ordering: .relaxed)
        heartbeat.store(Self.nanoseconds(settings.heartbeat), ordering: .relaxed)
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
