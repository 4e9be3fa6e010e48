internal import HoldfastModel
internal import HoldfastSupport

/// The lanes of one connection, which live and die together.
///
/// All show one incarnation: a reader that finds another one ends the session, because what its owner believes about the
/// backend is then no longer true.
final class StoreSession: Sendable {
    typealias Job = LaneJob<StoreHandle>

    let info: StoreInfo
    let label: String
    /// For a store that never waits.
    let inline: InlineCaller<StoreHandle>?
    private let writers: LanePool<StoreHandle>?
    private let readers: LanePool<StoreHandle>?

    /// Builds the lanes around a handle.
    ///
    /// - Parameters:
    ///   - handle: open; the session closes it.
    ///   - opening: how further handles are opened.
    ///   - pool: how many.
    ///   - environment: threads and clock.
    /// - Throws: `exhausted` when there is no thread for a lane.
    init(
        _ handle: StoreHandle, _ opening: StoreHandle.Opening, _ pool: PluginSettings.Pool,
        _ environment: LaneEnvironment
    ) throws(HoldfastError) {
        info = handle.info
        label = handle.label
        let isConcurrent = handle.info.capabilities.contains(.concurrent)
        guard !handle.info.capabilities.contains(.nonblocking) else {
            inline = InlineCaller(handle, isConcurrent: isConcurrent)
            writers = nil
            readers = nil
            return
        }
        inline = nil
        let gate = opening.library.controlGate
        let deaths = SessionDeaths<StoreHandle>()
        let died: @Sendable (HoldfastError) -> Void = { [label = handle.label] error in
            deaths.report(SessionEnd.dead(label, because: error))
        }
        let writers = LanePool(Self.writerPlan(handle, opening, died), environment, gate: gate)
        self.writers = writers
        readers = Self.readerPlan(handle, opening, pool, died).map { LanePool($0, environment, gate: gate) }
        deaths.watch([writers] + [readers].compactMap(\.self))
        try writers.adopt(handle)
    }

    /// Does work on the lane that writes.
    func write(_ work: Job.Work, _ context: CallContext) async throws(HoldfastError) -> LaneAnswer {
        guard let writers else { throw SessionEnd.closed(label) }
        do throws(LaneFailure) {
            return try await writers.submit(work, context).get()
        } catch {
            throw error.error
        }
    }

    /// Does work on a lane that reads, or on the one that writes where no other can be opened.
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

    private static func writerPlan(
        _ handle: StoreHandle, _ opening: StoreHandle.Opening,
        _ died: @escaping @Sendable (HoldfastError) -> Void
    ) -> LanePool<StoreHandle>.Plan {
        LanePool<StoreHandle>.Plan(
            label: handle.label, threadName: "hf-w-\(opening.name)", laneCountMax: 1, idleTimeout: nil,
            connectTimeout: 0,
            weightMax: min(handle.preferredChangeCount, GroupCommit.changeCountMax(handle.info)),
            replacesBroken: false, replacesStuck: false,
            open: { _, turn throws(HoldfastError) in
                // The only handle for writing is there from the beginning; a session does not outlive it.
                turn.end()
                throw SessionEnd.closed(opening.label)
            }, execute: StoreWork.execute, sessionDied: died)
    }

    private static func readerPlan(
        _ handle: StoreHandle, _ opening: StoreHandle.Opening, _ pool: PluginSettings.Pool,
        _ died: @escaping @Sendable (HoldfastError) -> Void
    ) -> LanePool<StoreHandle>.Plan? {
        let isShared = handle.info.capabilities.contains(.concurrent)
        guard isShared || handle.info.capabilities.contains(.multiOpen) else { return nil }
        let ceiling = isShared || handle.storeCountMax == 0 ? Int.max : handle.storeCountMax
        let count = min(pool.connectionCountMax, ceiling) - 1
        guard count > 0 else { return nil }
        let incarnation = handle.info.incarnation
        return LanePool<StoreHandle>.Plan(
            label: handle.label, threadName: "hf-r-\(opening.name)", laneCountMax: count,
            idleTimeout: pool.idleTimeout.nanoseconds, connectTimeout: pool.connectTimeout.nanoseconds,
            weightMax: 256,
            replacesBroken: !isShared, replacesStuck: true,
            open: { context, turn throws(HoldfastError) in
                guard !isShared else {
                    turn.end()
                    handle.share()
                    return handle
                }
                let member = try StoreHandle(opening, role: StoreHandle.storeRole, context, turn: turn)
                guard member.info.incarnation == incarnation else {
                    let error = HoldfastError(
                        .unavailable,
                        "it shows the incarnation \(member.info.incarnation), the connection began with "
                            + "\(incarnation): it may have lost writes")
                    member.close()
                    died(error)
                    throw SessionEnd.dead(opening.label, because: error)
                }
                return member
            }, execute: StoreWork.execute, sessionDied: died)
    }
}
