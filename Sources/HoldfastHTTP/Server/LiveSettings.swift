internal import Synchronization

/// What bounds a running daemon, some of which can be changed while it serves.
///
/// Read for each request, so each value is an atomic of its own: a request that meets a change may see some of it.
final class LiveSettings: Sendable {
    private let fixed: ServerSettings
    private let bodyByteCount: Atomic<Int>
    private let followerCountMax: Atomic<Int>
    private let requestTime: Atomic<Int64>
    private let readTimeout: Atomic<Int64>
    private let writeTimeout: Atomic<Int64>
    private let drainTimeout: Atomic<Int64>
    private let heartbeat: Atomic<Int64>

    init(_ settings: ServerSettings) {
        fixed = settings
        bodyByteCount = Atomic(settings.bodyByteCountMax)
        followerCountMax = Atomic(settings.followerCountMax)
        requestTime = Atomic(Self.nanoseconds(settings.requestTimeout))
        readTimeout = Atomic(Self.nanoseconds(settings.readTimeout))
        writeTimeout = Atomic(Self.nanoseconds(settings.writeTimeout))
        drainTimeout = Atomic(Self.nanoseconds(settings.drainTimeout))
        heartbeat = Atomic(Self.nanoseconds(settings.heartbeat))
    }

    /// See `ServerSettings`; every request asks for it.
    var bodyByteCountMax: Int { bodyByteCount.load(ordering: .relaxed) }
    /// See `ServerSettings`; every request asks for it.
    var requestTimeout: Duration { .nanoseconds(requestTime.load(ordering: .relaxed)) }

    /// What holds now.
    var current: ServerSettings {
        var settings = fixed
        settings.bodyByteCountMax = bodyByteCountMax
        settings.followerCountMax = followerCountMax.load(ordering: .relaxed)
        settings.requestTimeout = requestTimeout
        settings.readTimeout = .nanoseconds(readTimeout.load(ordering: .relaxed))
        settings.writeTimeout = .nanoseconds(writeTimeout.load(ordering: .relaxed))
        settings.drainTimeout = .nanoseconds(drainTimeout.load(ordering: .relaxed))
        settings.heartbeat = .nanoseconds(heartbeat.load(ordering: .relaxed))
        return settings
    }

    /// Takes over what can change; what stands in sockets and parsers stays as it is.
    func take(_ settings: ServerSettings) {
        bodyByteCount.store(settings.bodyByteCountMax, ordering: .relaxed)
        followerCountMax.store(settings.followerCountMax, ordering: .relaxed)
        requestTime.store(Self.nanoseconds(settings.requestTimeout), ordering: .relaxed)
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
