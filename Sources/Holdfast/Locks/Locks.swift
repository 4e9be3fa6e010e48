internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// The locks of a store: leases with fencing tokens, taken on the primary, where all hosts meet.
///
/// A lock begins to be when somebody takes it and needs no making. Names are data: any text of 1 to 1024 bytes of UTF-8
/// without NUL. See docs/explanation/locks.md for what is promised.
public struct Locks: Sendable {
    /// How long a released lock is remembered.
    ///
    /// Fences go on rising after that: they are never below the milliseconds of the wall clock.
    static let retentionMilliseconds: Int64 = 30 * 86_400_000

    let store: HistoryStore

    /// How a lock is now.
    ///
    /// - Parameters:
    ///   - name: which lock.
    ///   - options: how long it may take.
    /// - Returns: its state; during an outage of the primary as it was last known.
    /// - Throws: `unavailable` when nobody can say.
    public func state(
        of name: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<LockState> {
        let (sighting, answer) = try await sighting(of: name, options)
        return Answer(sighting.state, source: answer.source, degradations: answer.degradations)
    }

    /// Lists locks that are held, or were not long ago, in the order of their names.
    ///
    /// - Parameters:
    ///   - prefix: only names that begin so.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - name: the last name of the page before.
    ///   - options: how long it may take.
    /// - Returns: a page, and the name to go on after.
    /// - Throws: `invalid` for a limit below zero; `unavailable` when nobody can say.
    public func list(
        prefix: String = "", limit: Int? = nil, after name: String? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<LockState, String> {
        let limit = try PageLimit.checked(limit)
        if !prefix.isEmpty {
            try Namespace.check(prefix, as: "prefix", byteCountMax: Limits.keyByteCountMax)
        }
        guard limit > 0 else { return Page([], next: nil, source: "", degradations: []) }
        let after = try name.map { name throws(HoldfastError) in
            Query.Cursor(address: try Self.address(name, in: LockRecord.namespace), id: .zero)
        }
        let query = Query(
            namespace: LockRecord.namespace, keyPrefix: Bytes(prefix), scope: .documents, after: after,
            limit: UInt64(limit))
        let answer = try await store.backend.query(query, try Edge.checked(options))
        let names = try answer.records.map { record throws(HoldfastError) in try record.keyText }
        let leases = try await store.read(
            try names.map { name throws(HoldfastError) in
                ReadRequest(try Self.address(name, in: LockRecord.leaseNamespace))
            }, options)
        var states: [LockState] = []
        for (position, record) in answer.records.enumerated() {
            let lease = leases.results[position].first
            states.append(try LockSighting(name: names[position], lock: record, lease: lease).state)
        }
        return Page(
            states, next: states.count == limit ? names.last : nil, source: answer.source,
            degradations: answer.degradations)
    }

    /// The fence of an acquisition that somebody else made, such as the process that started this one.
    ///
    /// - Parameters:
    ///   - name: which lock.
    ///   - number: see ``Fence/number``.
    ///   - options: how long it may take.
    /// - Returns: a fence for writes, which are refused once the acquisition has ended.
    /// - Throws: `conflict` when it has ended already.
    public func fence(
        of name: String, number: UInt64, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Fence {
        let (sighting, _) = try await sighting(of: name, options)
        guard sighting.holder != nil, sighting.record?.fence == number else {
            throw sighting.loss(of: number)
        }
        return Fence(
            name: name, number: number, address: try Self.address(name, in: LockRecord.namespace),
            version: sighting.version)
    }

    /// The lock of an acquisition that somebody else made, to renew it and to give it back.
    ///
    /// For callers that keep nothing but the number: a daemon, whose clients may ask another one next time.
    ///
    /// - Parameters:
    ///   - name: which lock.
    ///   - number: see ``Fence/number``.
    ///   - options: how long it may take.
    /// - Returns: a lock whose lease, as far as this host knows, is over until it is renewed.
    /// - Throws: `conflict` when the acquisition has ended already.
    public func held(
        _ name: String, fence number: UInt64, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> LeaseLock {
        let (sighting, _) = try await sighting(of: name, options)
        guard let holder = sighting.holder, sighting.record?.fence == number else {
            throw sighting.loss(of: number)
        }
        let fence = Fence(
            name: name, number: number, address: try Self.address(name, in: LockRecord.namespace),
            version: sighting.version)
        return LeaseLock(
            fence, owner: holder.owner, lease: .milliseconds(holder.leaseMilliseconds), isTakenOver: false,
            locks: self, end: store.edge.clock.monotonicNanoseconds)
    }

    /// Takes a lock from its holder, whoever that is: for an operator who knows that the holder is gone.
    ///
    /// The holder's fenced writes are refused from then on.
    ///
    /// - Parameters:
    ///   - name: which lock.
    ///   - options: how long it may take.
    /// - Returns: who held it; nothing when it was free.
    /// - Throws: `conflict` when it changed hands meanwhile; `unavailable` while the primary is down.
    @discardableResult
    public func breakLock(
        _ name: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> LockState.Holder? {
        let (sighting, _) = try await sighting(of: name, options)
        guard let record = sighting.record, record.holder != nil else { return nil }
        let changes = try released(name, fence: record.fence, version: sighting.version)
        _ = try await write(changes, of: name, timeout: options.timeout)
        return sighting.state.holder
    }
}

extension Locks {
    static func address(_ name: String, in namespace: Bytes) throws(HoldfastError) -> Address {
        try Namespace.check(name, as: "the name of the lock", byteCountMax: Limits.keyByteCountMax)
        return Address(namespace: namespace, key: Bytes(name))
    }

    /// Reads both documents of a lock at once.
    func sighting(
        of name: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> (LockSighting, ReadAnswer) {
        let addresses = [
            try Self.address(name, in: LockRecord.namespace),
            try Self.address(name, in: LockRecord.leaseNamespace),
        ]
        let answer = try await store.read(addresses.map { ReadRequest($0) }, options)
        let sighting = try LockSighting(
            name: name, lock: answer.results[0].first, lease: answer.results[1].first)
        return (sighting, answer)
    }

    /// Writes what the primary decides; where one host writes alone and accepts writes during an outage, that host.
    func write(
        _ changes: [Change], of name: String, timeout: Duration?
    ) async throws(HoldfastError) -> Receipt {
        try await store.write(
            changes, scope: changes[0].address, WriteOptions(ack: .primary, timeout: timeout))
    }

    /// What ends an acquisition.
    func released(
        _ name: String, fence: UInt64, version: Version
    ) throws(HoldfastError) -> [Change] {
        let address = try Self.address(name, in: LockRecord.namespace)
        var free = Record(
            namespace: address.namespace, key: address.key,
            value: LockRecord(fence: fence, holder: nil).encoded)
        free.expiresAt = max(0, store.edge.clock.unixMilliseconds) + Self.retentionMilliseconds
        let lease = Record(namespace: LockRecord.leaseNamespace, key: address.key, flags: .removed)
        return [Change(.put, free, if: .version(version)), Change(.put, lease, if: .newest)]
    }
}
