import HoldfastModel
import HoldfastSupport

/// Carries out what the core decides.
extension Chain {
    func perform(_ action: ChainAction) {
        switch action {
        case .append(let entries): append(entries)
        case .reopenLog: run { await $0.reopenLog() }
        case .trim(let lsn): run { await $0.trimLog(before: lsn) }
        case .connectPrimary(let generation): run { await $0.connectPrimary(generation) }
        case .applyPrimary(let generation, let entries, let mark):
            runPrimary(generation) { chain, connection throws(HoldfastError) in
                let change = chain.change(mark)
                let watch = chain.watch(connection, generation, taking: entries)
                defer { watch?.cancel() }
                let start = chain.environment.clock.monotonicNanoseconds
                let outcomes = try await connection.applyLive(entries, mark: change, chain.operationContext)
                let taken = chain.environment.clock.monotonicNanoseconds - start
                if watch == nil { chain.core.pace.applied(entries.count, nanoseconds: taken) }
                return .primaryApplied(generation, outcomes)
            }
        case .replayPrimary(let generation, let first, let last, let excluding, let mark):
            runPrimary(generation) { chain, connection throws(HoldfastError) in
                let range = try await chain.readRange(from: first, through: last, excluding: excluding)
                var reached = mark
                reached.lsn = min(mark.lsn, range.through)
                // The logs of several hosts have no order: there each entry keeps its place.
                let changes =
                    chain.settings.isShared
                    ? range.changes : try await chain.withoutDuplicates(range, on: connection)
                _ = try await connection.applyPlainly(
                    changes + [chain.change(reached)], chain.operationContext)
                return .primaryReplayed(generation, through: range.through)
            }
        case .readPrimaryMarks(let generation):
            runPrimary(generation) { chain, connection throws(HoldfastError) in
                .primaryMarks(generation, try await connection.view(chain.operationContext).0.marks)
            }
        case .resyncPrimary(let generation, let index): resyncPrimary(generation, from: index)
        case .connectBackup(let index, let generation): run { await $0.connectBackup(index, generation) }
        case .applyBackup(let index, let generation, let first, let last, let excluding, let mark):
            runBackup(index, generation) { chain, connection throws(HoldfastError) in
                let range: LogRange
                do throws(HoldfastError) {
                    range = try await chain.readRange(from: first, through: last, excluding: excluding)
                } catch {
                    guard error.code != .corrupt else { throw error }
                    chain.report("cannot read the log: \(error)")
                    return .backupStarved(index, generation: generation)
                }
                var reached = mark
                reached.lsn = range.through
                let changes = try await chain.withoutDuplicates(range, on: connection)
                _ = try await connection.applyPlainly(
                    changes + [chain.change(reached)], chain.operationContext)
                return .backupApplied(index, generation: generation, through: range.through)
            }
        case .resyncBackup(let index, let generation, let mark): resyncBackup(index, generation, mark)
        case .quarantine(let index, let lsn, let error): quarantine(index, lsn, error)
        case .flush(let consumer): run { await $0.flush(consumer) }
        case .wake(let consumer, let attempt): run { await $0.wake(consumer, attempt: attempt) }
        case .answer(let request, let answer): self.answer(request, answer)
        }
    }

    // MARK: connections

    private func runPrimary(
        _ generation: Int,
        _ operation:
            @escaping @Sendable (isolated Chain, Connection) async throws(HoldfastError) -> ChainEvent
    ) {
        guard let connection = primary else {
            return run {
                $0.deliver(.primaryFailed(generation, HoldfastError(.unavailable, "no connection")))
            }
        }
        run { chain in
            do throws(HoldfastError) {
                chain.deliver(try await operation(chain, connection))
            } catch {
                chain.report("\(error)")
                chain.deliver(.primaryFailed(generation, error))
            }
        }
    }

    private func runBackup(
        _ index: Int, _ generation: Int,
        _ operation:
            @escaping @Sendable (isolated Chain, Connection) async throws(HoldfastError) -> ChainEvent
    ) {
        guard let connection = backups[index] else {
            let error = HoldfastError(.unavailable, "no connection")
            return run { $0.deliver(.backupFailed(index, generation: generation, error)) }
        }
        run { chain in
            do throws(HoldfastError) {
                chain.deliver(try await operation(chain, connection))
            } catch {
                chain.report("\(error)")
                chain.deliver(.backupFailed(index, generation: generation, error))
            }
        }
    }

    private func connectPrimary(_ generation: Int) async {
        let old = primary
        primary = nil
        await old?.store.close()
        do throws(HoldfastError) {
            let (connection, view) = try await connect(settings.primary, .primary, generation)
            primary = connection
            badAnswers[.primary]?.reconnected()
            tried(.primary, .primaryConnected(generation, view))
        } catch {
            tried(.primary, .primaryFailed(generation, error))
        }
        report(settings.primary.name, isUp: primary != nil, core.primary.holdReason ?? core.primary.lastError)
    }

    private func connectBackup(_ index: Int, _ generation: Int) async {
        let old = backups[index]
        backups[index] = nil
        await old?.store.close()
        do throws(HoldfastError) {
            let (connection, view) = try await connect(
                settings.backups[index], .backup(index), generation)
            backups[index] = connection
            badAnswers[.backup(index)]?.reconnected()
            tried(.backup(index), .backupConnected(index, generation: generation, view))
        } catch {
            tried(.backup(index), .backupFailed(index, generation: generation, error))
        }
        let state = core.backups[index]
        report(settings.backups[index].name, isUp: backups[index] != nil, state.holdReason ?? state.lastError)
    }

    private func connect(
        _ provider: any Provider, _ consumer: Consumer, _ generation: Int
    ) async throws(HoldfastError) -> (Connection, ProviderView) {
        let store = try await open(provider, consumer, generation)
        let connection = Connection(store: store, chain: name)
        do throws(HoldfastError) {
            let (view, newestMark) = try await connection.view(operationContext)
            markClock.observe(newestMark)
            return (connection, view)
        } catch {
            await store.close()
            throw error
        }
    }

    /// How much longer than a call an opening may take before it counts as late: those that miss their deadline end by
    /// themselves in that time.
    static let openingGrace = Duration.seconds(1)

    /// Opens a provider, which takes longer than any other call where it does something once.
    private func open(
        _ provider: any Provider, _ consumer: Consumer, _ generation: Int
    ) async throws(HoldfastError) -> any Store {
        let clock = environment.clock
        let patience = settings.timeout + Self.openingGrace
        let end = clock.monotonicNanoseconds + patience.nanoseconds
        let timer = Task {
            await clock.wait(until: end)
            guard !Task.isCancelled else { return }
            late.insert(consumer)
            report("\(provider.name) is still being opened after \(patience), nobody is kept waiting for it")
            deliver(.opensLate(consumer, generation: generation))
        }
        defer { timer.cancel() }
        let store = try await provider.connect(operationContext)
        guard !opensNothing else {
            await store.close()
            throw HoldfastError(.unavailable, "the chain \(name) is closed")
        }
        return store
    }

    /// A provider has been opened, or not: one that was late is no longer.
    private func tried(_ consumer: Consumer, _ event: ChainEvent) {
        late.remove(consumer)
        openingCount += 1
        deliver(event)
    }

    private func report(_ provider: String, isUp: Bool, _ error: HoldfastError?) {
        if !isUp, let error { report("cannot use \(provider): \(error)") }
    }

    /// How long to wait before an attempt: briefly while requests are kept waiting, by the schedule afterwards.
    private func delay(_ consumer: Consumer, attempt: Int) -> Duration {
        let random = environment.random.next()
        switch consumer {
        case .log: return Self.logRetryInterval
        case .primary where !core.primary.isDown:
            return min(settings.retry.delay(attempt: 1, random: random), Self.suspectRetryInterval * attempt)
        case .primary:
            return settings.retry.delay(
                attempt: max(1, attempt - settings.failureCountMax + 1), random: random)
        case .backup: return settings.retry.delay(attempt: attempt, random: random)
        }
    }

    private static let logRetryInterval = Duration.milliseconds(100)
    private static let suspectRetryInterval = Duration.milliseconds(50)

    private func wake(_ consumer: Consumer, attempt: Int) async {
        guard !isClosing else { return }
        let deadline = environment.clock.monotonicNanoseconds + delay(consumer, attempt: attempt).nanoseconds
        let clock = environment.clock
        let timer = Task { await clock.wait(until: deadline) }
        // A closing chain does not wait for a provider that is not there.
        timers.insert(timer)
        await timer.value
        timers.remove(timer)
        if !isClosing { deliver(.woken(consumer)) }
    }

    /// The document that moves a mark, in a version above every earlier one.
    func change(_ mark: Mark) -> Change {
        let version = markClock.next(at: UInt64(max(0, environment.clock.unixMilliseconds)))
        return MarkCodec.change(mark, chain: name, version: version)
    }

    private func flush(_ consumer: Consumer) async {
        let connection: Connection?
        let mark: LogSequenceNumber
        switch consumer {
        case .primary: (connection, mark) = (primary, core.primary.knownMark)
        case .backup(let index): (connection, mark) = (backups[index], core.backups[index].mark)
        case .log: return
        }
        guard let connection else { return }
        do throws(HoldfastError) {
            try await connection.store.flush(operationContext)
            deliver(.flushed(consumer, through: mark))
        } catch {
            // The log keeps its entries until a later flush succeeds.
            report("flush failed: \(error)")
        }
    }
}
