internal import HoldfastModel
internal import HoldfastSupport

/// The lanes of one open log: one that appends, and one that reads where the log allows both at once.
final class LogSession: Sendable {
    typealias Job = LaneJob<LogBackend>

    let info: StoreInfo
    let label: String
    /// For a log that never waits.
    let inline: InlineCaller<LogBackend>?
    private let writers: LanePool<LogBackend>?
    private let readers: LanePool<LogBackend>?

    /// Builds the lanes around a log.
    ///
    /// - Parameters:
    ///   - log: open; the session closes it.
    ///   - opening: for its name, and its plugin's gate.
    ///   - pool: its times.
    ///   - environment: threads and clock.
    /// - Throws: `exhausted` when there is no thread for a lane.
    init(
        _ log: LogBackend, _ opening: StoreHandle.Opening, _ pool: PluginSettings.Pool,
        _ environment: LaneEnvironment
    ) throws(HoldfastError) {
        info = log.info
        label = log.label
        let isConcurrent = log.info.capabilities.contains(.concurrent)
        guard !log.info.capabilities.contains(.nonblocking) else {
            inline = InlineCaller(log, isConcurrent: isConcurrent)
            writers = nil
            readers = nil
            return
        }
        inline = nil
        let gate = opening.library.controlGate
        let deaths = SessionDeaths<LogBackend>()
        let died: @Sendable (HoldfastError) -> Void = { [label = log.label] error in
            deaths.report(SessionEnd.dead(label, because: error))
        }
        let plan = { @Sendable (role: String, idle: Int64?) in
            LanePool<LogBackend>.Plan(
                label: log.label, threadName: "hf-\(role)-\(opening.name)", laneCountMax: 1,
                idleTimeout: idle,
                connectTimeout: pool.connectTimeout.nanoseconds, weightMax: 4096, replacesBroken: false,
                replacesStuck: role == "lr",
                open: { _, turn throws(HoldfastError) in
                    turn.end()
                    guard role == "lr" else { throw SessionEnd.closed(opening.label) }
                    log.share()
                    return log
                }, execute: LogWork.execute, sessionDied: died)
        }
        let writers = LanePool(plan("lw", nil), environment, gate: gate)
        self.writers = writers
        readers =
            isConcurrent ? LanePool(plan("lr", pool.idleTimeout.nanoseconds), environment, gate: gate) : nil
        deaths.watch([writers] + [readers].compactMap(\.self))
        try writers.adopt(log)
    }

    /// Does work on the lane that appends.
    func write(_ work: Job.Work, _ context: CallContext) async throws(HoldfastError) -> LaneAnswer {
        guard let writers else { throw SessionEnd.closed(label) }
        do throws(LaneFailure) {
            return try await writers.submit(work, context).get()
        } catch {
            throw error.error
        }
    }

    /// Does work on the lane that reads, if there is one.
    func read(_ work: Job.Work, _ context: CallContext) async throws(HoldfastError) -> LaneAnswer {
        guard let readers else { return try await write(work, context) }
        do throws(LaneFailure) {
            return try await readers.submit(work, context).get()
        } catch {
            guard case .noLane = error else { throw error.error }
            return try await write(work, context)
        }
    }

    /// What the lanes do.
    func addStatistics(to statistics: inout ProviderStatistics) {
        if let writers { statistics.add(writers) }
        if let readers { statistics.add(readers) }
        if let inline {
            statistics.batchCount += inline.callCount
            statistics.callCount += inline.callCount
        }
    }

    /// Ends the session without waiting.
    func end(_ error: HoldfastError) {
        writers?.end(error)
        readers?.end(error)
        inline?.close(label)
    }

    /// Finishes what runs, and closes.
    func close() async {
        await readers?.close()
        await writers?.close()
        inline?.close(label)
    }
}
