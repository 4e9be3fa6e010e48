internal import HoldfastModel

/// How a lock was when the store was asked.
public struct LockState: Hashable, Sendable {
    /// Who holds a lock.
    public struct Holder: Hashable, Sendable {
        /// What the holder calls itself.
        public let owner: String
        /// How long the holder may be silent.
        public let lease: Duration
        /// When the lock was taken, on the clock of the holder's host.
        public let since: Timestamp
        /// The last sign of life, on the same clock.
        public let renewedAt: Timestamp
    }

    /// The name of the lock.
    public let name: String
    /// The number of the last acquisition; zero for a lock that nobody has ever taken.
    public let fence: UInt64
    /// Nothing when the lock is free.
    ///
    /// A holder that has died is named until another takes over.
    public let holder: Holder?
}

/// The two documents of a lock, as they were at one moment.
struct LockSighting: Hashable, Sendable {
    let name: String
    let record: LockRecord?
    /// Zero where there is no document.
    let version: Version
    /// Zero where the holder has not renewed yet.
    let leaseVersion: Version

    init(name: String, lock: Record?, lease: Record?) throws(HoldfastError) {
        self.name = name
        record = try lock.map { lock throws(HoldfastError) in
            try LockRecord(decoding: lock.value, name: name)
        }
        version = lock?.version ?? .zero
        leaseVersion = lease?.version ?? .zero
    }

    var holder: LockRecord.Holder? { record?.holder }

    var state: LockState {
        let holder = holder.map { holder in
            LockState.Holder(
                owner: holder.owner, lease: .milliseconds(holder.leaseMilliseconds),
                since: Timestamp(version),
                renewedAt: Timestamp(max(version, leaseVersion)))
        }
        return LockState(name: name, fence: record?.fence ?? 0, holder: holder)
    }

    /// Why the lock cannot be had now.
    var refusal: HoldfastError {
        HoldfastError(.conflict, "lock \"\(name)\" is \(holding)", flags: .retryable, current: version)
    }

    /// Why an acquisition stands no more.
    func loss(of fence: UInt64) -> HoldfastError {
        HoldfastError(
            .conflict, "lock \"\(name)\" is not held with fence \(fence) any more: it is \(holding)",
            current: version)
    }

    private var holding: String {
        guard let holder, let record else { return "free" }
        return "held by \(holder.owner) since \(Timestamp(version)) with fence \(record.fence)"
    }
}
