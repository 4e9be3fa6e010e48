internal import HoldfastSupport
internal import Synchronization

/// What bounds a running daemon, all of which can be changed while it serves.
///
/// What every request asks for is an atomic of its own, the rest stands under a lock: a request that meets a change may see
/// some of it.
final class LiveSettings: Sendable {
    private let settings: Guarded<ServerSettings>
    private let bodyByteCount: Atomic<Int>
    private let requestTime: Atomic<Int64>

    init(_ settings: ServerSettings) {
        self.settings = Guarded(settings)
        bodyByteCount = Atomic(settings.bodyByteCountMax)
        requestTime = Atomic(Self.nanoseconds(settings.requestTimeout))
    }

    /// See `ServerSettings`; every request asks for it.
    var bodyByteCountMax: Int { bodyByteCount.load(ordering: .relaxed) }
    /// See `ServerSettings`; every request asks for it.
    var requestTimeout: Duration { .nanoseconds(requestTime.load(ordering: .relaxed)) }

    /// What holds now.
    var current: ServerSettings { settings.withLock { $0 } }

    /// Takes everything over; what stands in the parser of an open connection stays as it is.
    func take(_ fresh: ServerSettings) {
        settings.withLock { $0 = fresh }
        bodyByteCount.store(fresh.bodyByteCountMax, ordering: .relaxed)
        requestTime.store(Self.nanoseconds(fresh.requestTimeout), ordering: .relaxed)
    }

    private static func nanoseconds(_ duration: Duration) -> Int64 {
        let (seconds, attoseconds) = duration.components
        return seconds * 1_000_000_000 + attoseconds / 1_000_000_000
    }
}
