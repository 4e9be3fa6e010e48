internal import HoldfastProviderKit

extension RedisStore {
    /// How long between two looks for records past their time, in nanoseconds.
    private static let purgeInterval: Int64 = 10_000_000_000
    /// How many of each kind are let go at once, so that no write waits long.
    private static let purgeCountMax = 200
    /// How long an expired record stays, in milliseconds: clocks of other hosts may be behind.
    private static let expiryGrace: Int64 = 60_000

    /// Lets go of some of what is past its time, once in a while.
    func purgeNowAndThen(_ call: CallContext) throws(ProviderError) {
        guard host.monotonicNanoseconds - lastPurge >= Self.purgeInterval else { return }
        do throws(ProviderError) {
            try purge(call)
        } catch {
            // A full server refuses this too, and the batch hears of it itself: the next look does it.
            if error.flags.contains(.storeDead) { throw error }
        }
    }

    /// Lets go of some of what is past its time.
    ///
    /// An expired record becomes a tombstone first: without it, the late replay of an older version would
    /// bring that one back. Tombstones and floors go after `tombstone_retention`.
    func purge(_ call: CallContext) throws(ProviderError) {
        lastPurge = host.monotonicNanoseconds
        let now = host.unixMilliseconds
        let (seconds, attoseconds) = options.tombstoneRetention.components
        let cutoff = max(1, now - seconds * 1000 - attoseconds / 1_000_000_000_000_000)
        let arguments = RedisArguments(count: 6) { [self] pipeline in
            pipeline.append(names.prefix)
            pipeline.append(identity)
            pipeline.append(now)
            pipeline.append(now - Self.expiryGrace)
            pipeline.append(cutoff)
            pipeline.append(Self.purgeCountMax)
        }
        try connection.run(RedisScripts.purge, call: call, writes: false, arguments)
    }
}
