public import HoldfastModel
import HoldfastSupport

extension Chain {
    /// Opens a chain: reads its log, connects its providers, recovers, and returns when it serves as well as it can.
    ///
    /// - Parameters:
    ///   - settings: see ``ChainSettings``.
    ///   - environment: the seams.
    /// - Returns: the chain; its owner closes it.
    /// - Throws: whatever the log says when it cannot be opened; `unavailable` when neither the primary nor a backup
    ///   can be reached, or with `start: strict` when the primary cannot.
    public static func open(
        _ settings: ChainSettings, _ environment: ChainEnvironment = ChainEnvironment()
    ) async throws(HoldfastError) -> Chain {
        let log = try await openLog(settings, environment)
        do throws(HoldfastError) {
            var arrivals = LogArrivals()
            let (scan, damage) = try await scan(log, &arrivals, environment.clock)
            let chain = Chain(
                settings: settings, environment: environment, log: log, scan: scan, arrivals: arrivals)
            await chain.begin(damage)
            try await chain.refuseUselessStart()
            return chain
        } catch {
            await log.close()
            throw error
        }
    }

    /// How long a start waits for the log at least.
    private static let logOpeningTime = Duration.seconds(600)

    /// Opens the log, which may take longer than any other call: it reads all that a crash has left.
    static func openLog(
        _ settings: ChainSettings, _ environment: ChainEnvironment
    ) async throws(HoldfastError) -> any LogStore {
        let clock = environment.clock
        let longest = max(settings.timeout, logOpeningTime)
        let notice = Task {
            await clock.wait(for: settings.timeout)
            guard !Task.isCancelled else { return }
            let log = "\(settings.log.name) (\(settings.log.type))"
            environment.report(
                .warning,
                "\(settings.name): \(log) has not opened after \(settings.timeout), waiting up to \(longest)")
        }
        defer { notice.cancel() }
        return try await settings.log.open(
            CallContext(deadline: clock.monotonicNanoseconds + longest.nanoseconds))
    }

    private static let scanByteCount = 4 << 20

    /// Reads the whole log once.
    ///
    /// Damage ends the scan: the chain is then read-only.
    private static func scan(
        _ log: any LogStore, _ arrivals: inout LogArrivals, _ clock: any HostClock
    ) async throws(HoldfastError) -> (LogScan, HoldfastError?) {
        let bounds = try await log.bounds(.unbounded)
        var scan = LogScan()
        scan.first = bounds.first
        scan.last = bounds.first - 1
        var next = bounds.first
        do throws(HoldfastError) {
            while next <= bounds.last {
                let records = try await log.read(from: next, byteCountMax: scanByteCount, .unbounded)
                guard let last = records.last, records.first?.lsn == next else {
                    throw HoldfastError(
                        .corrupt,
                        "entry \(next) cannot be read, of \(bounds.first) to \(bounds.last); "
                            + "`holdfast log verify` says why, `holdfast log salvage` repairs it")
                }
                for record in records {
                    let entry = try LogEntryCodec.decode(record.payload)
                    scan.add(entry, at: record.lsn)
                    arrivals.note(entry, at: record.lsn, clock)
                }
                next = last.lsn + 1
            }
        } catch {
            guard error.code == .corrupt else { throw error }
            scan.settle()
            return (scan, error)
        }
        scan.settle()
        return (scan, nil)
    }

    private func begin(_ damage: HoldfastError?) async {
        self.damage = damage
        ages.append((environment.clock.monotonicNanoseconds, core.ledger.last))
        if let damage {
            environment.report(.warning, "\(name): the log is damaged, the chain is read-only: \(damage)")
            return await connectReadOnly()
        }
        start()
        keepHouse()
        var count: Int
        repeat {
            count = openingCount
            await settle()
            // Without those that open late there is nothing to do but wait.
            await wait { !$0.isUseless || $0.late.isEmpty }
        } while isUseless && count != openingCount
    }

    /// Waits until the primary serves or is out of use, and then until the backups have been asked.
    private func settle() async {
        // Those that open late have said so by then.
        let patience = settings.timeout + Self.openingGrace * 2
        await wait(atMost: patience) { chain in
            let primary = chain.core.primary
            if primary.phase == .connecting { return primary.isDown || primary.holdReason != nil }
            return primary.phase == .up
        }
        guard core.primary.phase != .up else { return }
        await wait(atMost: patience) { chain in
            chain.core.backups.allSatisfy {
                $0.phase != .connecting || $0.failureCount > 0 || $0.holdReason != nil
            }
        }
    }

    /// Whether there is nothing that the chain could do as it is, or not what its start is to guarantee.
    private var isUseless: Bool {
        guard core.primary.phase != .up else { return false }
        if settings.isStartStrict { return true }
        guard settings.onPrimaryFailure == .reject else { return false }
        return core.backups.allSatisfy { $0.phase != .following }
    }

    /// With a damaged log nothing is applied to anybody; the primary answers reads as it is.
    private func connectReadOnly() async {
        for provider in [settings.primary] + settings.backups {
            do throws(HoldfastError) {
                primary = Connection(store: try await provider.connect(operationContext), chain: name)
                return
            } catch {
                report("cannot use \(provider.name): \(error)")
            }
        }
    }

    private func refuseUselessStart() async throws(HoldfastError) {
        guard damage == nil, core.primary.phase != .up else { return }
        let reason = core.primary.holdReason ?? core.primary.unavailability
        guard isUseless else {
            return environment.report(.warning, "\(name): starting without its primary: \(reason)")
        }
        await close()
        throw reason
    }

    /// Trims the log and flushes providers now and then, as long as the chain is open.
    private func keepHouse() {
        let interval = min(max(settings.retain.nanoseconds / 4, 1_000_000_000), 30_000_000_000)
        let clock = environment.clock
        housekeeper = Task {
            while !isClosing {
                await clock.wait(until: clock.monotonicNanoseconds + interval)
                guard !isClosing else { return }
                ageLog()
            }
        }
    }

    private func ageLog() {
        let now = environment.clock.monotonicNanoseconds
        var aged: LogSequenceNumber = 0
        while let oldest = ages.first, oldest.time + settings.retain.nanoseconds <= now {
            aged = oldest.last
            ages.removeFirst()
        }
        if ages.last?.last != core.ledger.last { ages.append((now, core.ledger.last)) }
        agedThrough = max(agedThrough, aged)
        if agedThrough > 0 { deliver(.aged(through: agedThrough)) }
    }

    /// See `Backend`.
    public func flush(_ options: CallOptions) async throws(HoldfastError) {
        let target = core.ledger.settledThrough
        await wait(atMost: options.timeout ?? settings.timeout) { chain in
            chain.core.backups.allSatisfy { $0.isDown || $0.hasApplied(target) }
        }
        if core.primary.phase == .up { try await primary?.store.flush(operationContext) }
        for (index, backup) in core.backups.enumerated() where backup.phase == .following {
            try await backups[index]?.store.flush(operationContext)
        }
        if let index = core.backups.firstIndex(where: { !$0.isDown && !$0.hasApplied(target) }) {
            throw HoldfastError(.timeout, "backup \(settings.backups[index].name) is behind")
        }
    }

    /// See `Backend`.
    public func close() async {
        guard !isClosing else { return await wait { $0.isClosed } }
        isClosing = true
        housekeeper?.cancel()
        await wait(atMost: settings.timeout) { $0.callers.isEmpty }
        if damage == nil {
            let target = core.ledger.settledThrough
            await wait(atMost: settings.drainTimeout) { chain in
                chain.core.backups.allSatisfy { $0.phase != .following || $0.mark >= target }
            }
        }
        for timer in timers { timer.cancel() }
        await wait(atMost: settings.timeout) { $0.isIdle }
        opensNothing = true
        for connection in [primary] + backups {
            guard let store = connection?.store else { continue }
            if damage == nil { await flushLast(store) }
            await store.close()
        }
        await log.close()
        isClosed = true
        settleConditions()
    }

    private func flushLast(_ store: any Store) async {
        do throws(HoldfastError) {
            try await store.flush(operationContext)
        } catch {
            // The log keeps what is not known to be durable.
            environment.report(.warning, "\(name): the last flush failed: \(error)")
        }
    }
}
