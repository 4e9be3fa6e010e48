import HoldfastModel
import HoldfastSupport

/// Appending to the log, and reading it for those that follow.
extension Chain {
    /// A part of the log, ready to be merged.
    struct LogRange: Sendable {
        var entries: [(lsn: LogSequenceNumber, changes: [Change])]
        /// The last position that the part covers.
        var through: LogSequenceNumber

        /// Every change, without its condition.
        var changes: [Change] {
            entries.flatMap { $0.changes.lazy.filter { $0.kind != .check }.map(\.unconditional) }
        }
    }

    func append(_ entries: [LogEntry]) {
        let expected = core.ledger.last + 1
        let log = log
        let start = environment.clock.monotonicNanoseconds
        appendStart = start
        run { chain in
            do throws(HoldfastError) {
                let first = try await Self.append(entries, to: log)
                chain.appendStart = nil
                chain.core.pace.appended(nanoseconds: chain.environment.clock.monotonicNanoseconds - start)
                guard first == expected else {
                    throw HoldfastError(
                        .internal,
                        "the log put an entry at \(first), expected \(expected): somebody else writes to it",
                        flags: .maybeApplied)
                }
                chain.logFailure = nil
                chain.logTurnedBack()
                if !chain.backups.isEmpty {
                    for (offset, entry) in entries.enumerated() {
                        chain.tail.append(entry, at: expected + UInt64(offset))
                    }
                }
                chain.arrivals.note(
                    through: expected + UInt64(entries.count) - 1,
                    at: chain.environment.clock.monotonicNanoseconds)
                chain.deliver(.logAppended)
            } catch {
                chain.appendStart = nil
                chain.logFailure = (error, chain.environment.clock.unixMilliseconds)
                chain.logTurnedAway()
                chain.report("\(error)")
                if error.code == .exhausted { chain.core.dropUnreachableBackups() }
                chain.deliver(.logFailed(error))
            }
        }
    }

    /// Looks whether the append that is under way takes too long.
    ///
    /// It has no deadline itself, since an entry whose fate is unknown is worse than one that comes late; a call that had one
    /// would have missed it.
    func noteHangingLog(at now: Int64) {
        guard let appendStart, now - appendStart >= settings.timeout.nanoseconds, !core.isLogHanging else {
            return
        }
        logFailure = (
            HoldfastError(.timeout, "an append is under way for longer than \(settings.timeout)"),
            environment.clock.unixMilliseconds
        )
        logTurnedAway(since: appendStart)
        report("\(settings.log.name) does not answer: writes are refused until it takes an entry")
        deliver(.logHangs)
    }

    /// Encodes off the actor, so that the next requests are taken meanwhile.
    @concurrent private static func append(
        _ entries: [LogEntry], to log: any LogStore
    ) async throws(HoldfastError) -> LogSequenceNumber {
        try await log.append(entries.map(LogEntryCodec.encode), .unbounded)
    }

    func reopenLog() async {
        logGeneration += 1
        logTurnedAway()
        await log.close()
        var attempt = 1
        while !isClosing {
            do throws(HoldfastError) {
                log = try await settings.log.open(operationContext)
                let bounds = try await log.bounds(operationContext)
                tail.reset(after: bounds.last)
                logFailure = nil
                deliver(.logReopened(last: bounds.last))
                return
            } catch {
                logFailure = (error, environment.clock.unixMilliseconds)
                report("cannot open the log again: \(error)")
            }
            let delay = settings.retry.delay(attempt: attempt, random: environment.random.next())
            attempt += 1
            await environment.clock.wait(until: environment.clock.monotonicNanoseconds + delay.nanoseconds)
        }
    }

    func trimLog(before lsn: LogSequenceNumber) async {
        do throws(HoldfastError) {
            try await log.trim(before: lsn, operationContext)
        } catch {
            // What was not trimmed now is trimmed with the next.
            report("trimming the log failed: \(error)")
        }
    }

    /// Reads a part of the log, from memory where it is there, as far as one batch goes.
    func readRange(
        from first: LogSequenceNumber, through last: LogSequenceNumber, excluding: Set<LogSequenceNumber>
    ) async throws(HoldfastError) -> LogRange {
        var range = LogRange(entries: [], through: first - 1)
        var changeCount = 0
        var byteCount = 0
        while range.through < last, changeCount < settings.batchChangeCountMax,
            byteCount < settings.batchByteCountMax
        {
            let lsn = range.through + 1
            guard let changes = tail.changes(at: lsn) else {
                if range.entries.isEmpty, lsn == first {
                    return try await readStoredRange(from: first, through: last, excluding: excluding)
                }
                return range
            }
            if !excluding.contains(lsn) { range.entries.append((lsn, changes)) }
            changeCount += changes.count
            byteCount += changes.reduce(0) { $0 + $1.record.value.count }
            range.through = lsn
        }
        return range
    }

    private func readStoredRange(
        from first: LogSequenceNumber, through last: LogSequenceNumber, excluding: Set<LogSequenceNumber>
    ) async throws(HoldfastError) -> LogRange {
        let records = try await readLog(from: first)
        guard records.first?.lsn == first else {
            throw HoldfastError(
                .corrupt, "the log does not hold entry \(first), which a provider still lacks")
        }
        var range = LogRange(entries: [], through: first - 1)
        for record in records where record.lsn <= last {
            guard record.lsn == range.through + 1 else {
                throw HoldfastError(.corrupt, "the log has no entry \(range.through + 1)")
            }
            range.through = record.lsn
            guard !excluding.contains(record.lsn) else { continue }
            let entry = try LogEntryCodec.decode(record.payload)
            if case .changes(let changes, _) = entry.body { range.entries.append((record.lsn, changes)) }
        }
        return range
    }

    /// Reads entries; a log whose connection is lost is opened again.
    private func readLog(from lsn: LogSequenceNumber) async throws(HoldfastError) -> [LogRecord] {
        let generation = logGeneration
        do throws(HoldfastError) {
            return try await log.read(
                from: lsn, byteCountMax: settings.batchByteCountMax, operationContext)
        } catch {
            if error.flags.contains(.providerDead), generation == logGeneration { deliver(.logLost(error)) }
            throw error
        }
    }

    /// Under `accept`, leaves out entries whose idempotency key an earlier one has claimed: in the store, or in the log.
    func withoutDuplicates(
        _ range: LogRange, on connection: Connection
    ) async throws(HoldfastError) -> [Change] {
        guard settings.onPrimaryFailure == .accept else { return range.changes }
        var claims = try await claims(of: range.entries.compactMap(\.changes.first), in: connection.store)
        var kept = range
        kept.entries.removeAll { !claims.takes($0.changes) }
        return kept.changes
    }

    /// What a store holds of the idempotency keys that some changes claim.
    func claims(of changes: [Change], in store: any Store) async throws(HoldfastError) -> KeyClaims {
        let addresses = Array(Set(changes.compactMap(\.claimedKey)))
        guard !addresses.isEmpty else { return KeyClaims([]) }
        let answers = try await store.read(addresses.map { ReadRequest($0) }, operationContext)
        return KeyClaims(answers.compactMap(\.first))
    }

    /// Makes the index reach back to a position.
    func indexTail(after lsn: LogSequenceNumber) async throws(HoldfastError) {
        guard tail.indexedAfter > lsn else { return }
        let end = tail.indexedAfter
        var older: [(LogSequenceNumber, LogEntry)] = []
        var next = lsn + 1
        while next <= end {
            let records = try await readLog(from: next)
            guard let last = records.last, records.first?.lsn == next else {
                throw HoldfastError(
                    .corrupt, "the log does not hold entry \(next), which a backup still lacks")
            }
            for record in records where record.lsn <= end {
                older.append((record.lsn, try LogEntryCodec.decode(record.payload)))
            }
            next = last.lsn + 1
        }
        // Another read may have done the same meanwhile.
        guard tail.indexedAfter == end else { return try await indexTail(after: lsn) }
        tail.prepend(older, after: lsn)
    }
}
