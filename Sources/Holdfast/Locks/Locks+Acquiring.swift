internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

extension Locks {
    private static let leaseRange = Duration.milliseconds(10)...Duration.seconds(86_400)
    private static let ownerByteCountMax = 255

    /// One caller that wants a lock.
    private struct Claim {
        let name: String
        let owner: String
        let lease: Duration
        let acquisition: String
        /// When the caller gives up, on the monotonic clock.
        let deadline: Int64
        /// The outcome of an attempt is unknown: the answer to it was lost.
        var doubt: HoldfastError?

        var leaseNanoseconds: Int64 { lease.nanoseconds }
        var holder: LockRecord.Holder {
            LockRecord.Holder(
                owner: owner, leaseMilliseconds: lease.nanoseconds / 1_000_000, acquisition: acquisition)
        }
    }

    /// See ``HistoryStore/lock(_:lease:wait:owner:)``.
    func acquire(
        _ name: String, lease: Duration, wait: Duration?, owner: String
    ) async throws(HoldfastError) -> LeaseLock {
        let clock = store.edge.clock
        let now = clock.monotonicNanoseconds
        try Self.check(lease, wait, owner)
        let (deadline, isEndless) = now.addingReportingOverflow(wait?.nanoseconds ?? .max)
        var claim = Claim(
            name: name, owner: owner, lease: lease, acquisition: String(store.random.next(), radix: 16),
            deadline: isEndless ? .max : deadline)
        var attempt = 0
        while true {
            attempt += 1
            guard !Task.isCancelled else {
                throw HoldfastError(.cancelled, "the wait for lock \"\(name)\" was taken back")
            }
            let refusal: HoldfastError
            // The longest that makes sense to wait: what is watched may be free by then.
            var longest = Int64.max
            do throws(HoldfastError) {
                switch try await step(&claim) {
                case .held(let lock): return lock
                case .again: continue
                case .busy(let error, let remaining):
                    refusal = error
                    longest = remaining
                }
            } catch {
                guard error.isWorthWaiting else { throw error }
                refusal = error
            }
            guard clock.monotonicNanoseconds < claim.deadline else { throw claim.doubt ?? refusal }
            let pause = min(Self.pause(claim, attempt, store.random.next()), longest)
            await clock.wait(until: min(clock.monotonicNanoseconds &+ pause, claim.deadline))
        }
    }

    private static func check(_ lease: Duration, _ wait: Duration?, _ owner: String) throws(HoldfastError) {
        guard leaseRange.contains(lease) else {
            throw HoldfastError(.invalid, "lease is \(lease), expected 10 ms to 24 hours")
        }
        if let wait, wait < .zero {
            throw HoldfastError(.invalid, "wait is \(wait), expected zero or more")
        }
        try Namespace.check(owner, as: "the owner of the lock", byteCountMax: ownerByteCountMax)
    }

    /// How long to wait before the lock is looked at again: soon at first, and never as long as a tenth of the lease.
    private static func pause(_ claim: Claim, _ attempt: Int, _ random: UInt64) -> Int64 {
        let longest = min(max(claim.lease / 10, .milliseconds(10)), .milliseconds(500))
        return Backoff(initial: .milliseconds(5), maximum: longest)
            .delay(attempt: attempt, random: random).nanoseconds
    }

    private enum Step {
        case held(LeaseLock)
        /// Somebody else was faster, or an outcome must be looked at: at once.
        case again
        case busy(HoldfastError, remaining: Int64)
    }

    /// Looks at the lock, and takes it if it is free.
    private func step(_ claim: inout Claim) async throws(HoldfastError) -> Step {
        let clock = store.edge.clock
        let (seen, _) = try await sighting(of: claim.name)
        if let holder = seen.holder {
            if holder.acquisition == claim.acquisition {
                return try await confirm(claim, seen).map { .held($0) } ?? .again
            }
            let remaining = store.leases.remaining(
                seen, at: clock.monotonicNanoseconds, lease: holder.leaseMilliseconds * 1_000_000)
            if remaining > 0 { return .busy(seen.refusal, remaining: remaining) }
        }
        return try await take(&claim, seen).map { .held($0) } ?? .again
    }

    /// Takes a lock that is free, or whose lease has run out, if it still is as it was seen.
    private func take(_ claim: inout Claim, _ seen: LockSighting) async throws(HoldfastError) -> LeaseLock? {
        let address = try Self.address(claim.name, in: LockRecord.namespace)
        let clock = store.edge.clock
        let before = clock.monotonicNanoseconds
        let previous = seen.record?.fence ?? 0
        guard previous < .max else {
            throw HoldfastError(.exhausted, "lock \"\(claim.name)\" has used up its fences", flags: [])
        }
        // The wall clock makes it rise even where the store has lost the lock altogether.
        let number = max(previous + 1, UInt64(max(0, clock.unixMilliseconds)))
        let record = Record(
            namespace: address.namespace, key: address.key,
            value: LockRecord(fence: number, holder: claim.holder).encoded)
        var changes = [Change(.put, record, if: .version(seen.version))]
        if seen.holder != nil {
            // A renewal that came at the last moment wins.
            let lease = Record(namespace: LockRecord.leaseNamespace, key: address.key)
            changes.append(Change(.check, lease, if: .version(seen.leaseVersion)))
        }
        do throws(HoldfastError) {
            let receipt = try await write(changes, of: claim.name, timeout: nil)
            let lock = held(
                claim, number, receipt.versions[0], from: before, isTakenOver: seen.holder != nil)
            guard receipt.level >= .primary else {
                // The log has it; who comes next finds it free.
                try await lock.unlock()
                throw Self.undecided(claim)
            }
            return lock
        } catch {
            if error.flags.contains(.maybeApplied) { claim.doubt = error }
            guard error.code == .conflict || error.code == .stale else { throw error }
            claim.doubt = nil
            return nil
        }
    }

    /// Makes sure of an acquisition whose answer was lost: the log may show what the primary has not decided yet.
    private func confirm(_ claim: Claim, _ seen: LockSighting) async throws(HoldfastError) -> LeaseLock? {
        let before = store.edge.clock.monotonicNanoseconds
        let lock = held(claim, seen.record?.fence ?? 0, seen.version, from: before, isTakenOver: false)
        do throws(HoldfastError) {
            guard try await lock.renewed(CallOptions()).level >= .primary else {
                throw Self.undecided(claim)
            }
            return lock
        } catch {
            guard error.code == .conflict else { throw error }
            return nil
        }
    }

    private static func undecided(_ claim: Claim) -> HoldfastError {
        HoldfastError(.unavailable, "the primary is down, and only it can grant lock \"\(claim.name)\"")
    }

    private func held(
        _ claim: Claim, _ number: UInt64, _ version: Version, from start: Int64, isTakenOver: Bool
    ) -> LeaseLock {
        store.leases.forget(claim.name)
        let fence = Fence(
            name: claim.name, number: number,
            address: Address(namespace: LockRecord.namespace, key: Bytes(claim.name)), version: version)
        return LeaseLock(
            fence, owner: claim.owner, lease: claim.lease, isTakenOver: isTakenOver, locks: self,
            end: start + claim.leaseNanoseconds)
    }
}

extension HoldfastError {
    /// Whether the same question may have another answer later: outages, deadlines.
    fileprivate var isWorthWaiting: Bool {
        code == .unavailable || code == .timeout || code == .exhausted && flags.contains(.retryable)
    }
}

extension Duration {
    /// Whole nanoseconds, at most 73 years: a deadline that is so far away can still be told.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return isTooLong ? .max / 4 : min(whole, .max / 4) + attoseconds / 1_000_000_000
    }
}
