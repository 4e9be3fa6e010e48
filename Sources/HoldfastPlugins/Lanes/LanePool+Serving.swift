internal import HoldfastModel
internal import HoldfastSupport

extension LanePool {
    /// The life of a lane that opens its own resource; runs on the lane's thread.
    func openAndServe(_ lane: Lane<Resource>) {
        let turn = gate.take()
        let isWanted = state.withLock { _ in
            lane.turn = turn
            return !lane.isAbandoned
        }
        guard isWanted else {
            turn.end()
            environment.stuck.remove()
            return
        }
        do throws(HoldfastError) {
            let resource = try plan.open(CallContext(deadline: lane.deadline), turn)
            let isWanted = state.withLock { state in
                guard !lane.isAbandoned else { return false }
                state.opening = nil
                return true
            }
            guard isWanted else {
                resource.close()
                environment.stuck.remove()
                return
            }
            serve(lane, resource)
        } catch {
            openingFailed(lane, error)
        }
    }

    /// Takes note of a lane that could not be opened; who waits and has no other lane is told.
    func openingFailed(_ lane: Lane<Resource>, _ error: HoldfastError) {
        let now = environment.clock.monotonicNanoseconds
        let waiting = state.withLock { state -> [CheckedContinuation<LaneResult, Never>] in
            if lane.isAbandoned { environment.stuck.remove() }
            let attempt = (state.opening?.attempt ?? 0) + 1
            let delay = Backoff().delay(attempt: attempt, random: UInt64(truncatingIfNeeded: now)).nanoseconds
            state.opening = (error, now + delay, attempt)
            remove(lane, &state)
            guard state.lanes.isEmpty else { return [] }
            return takeAll(&state.queue)
        }
        for continuation in waiting { continuation.resume(returning: .failure(.noLane(error))) }
        answerClosersIfOver()
    }

    /// The life of a lane whose resource is open; runs on the lane's thread.
    func serve(_ lane: Lane<Resource>, _ resource: Resource) {
        while let batch = nextBatch(lane) {
            let results = plan.execute(batch, resource, lane.frame)
            guard finish(lane, batch, results) else { break }
        }
        resource.close()
        state.withLock { state in
            if lane.isAbandoned { environment.stuck.remove() }
            remove(lane, &state)
        }
        replaceIfNeeded()
        answerClosersIfOver()
    }

    /// Tells who closes that nothing runs any more.
    func answerClosersIfOver() {
        let closers = state.withLock { state -> [CheckedContinuation<Void, Never>] in
            guard state.isClosing, state.lanes.isEmpty, state.queue.isEmpty else { return [] }
            defer { state.closers = [] }
            return state.closers
        }
        for closer in closers { closer.resume() }
    }

    /// Starts another lane when calls wait and nobody serves them.
    private func replaceIfNeeded() {
        let (lane, stranded, reason) = state.withLock {
            state -> (Lane<Resource>?, [CheckedContinuation<LaneResult, Never>], HoldfastError?) in
            guard !state.queue.isEmpty else { return (nil, [], nil) }
            // What had to wait for this lane's question may go on one that sleeps.
            self.state.broadcast()
            if let lane = laneToAdd(&state) { return (lane, [], nil) }
            guard state.lanes.isEmpty else { return (nil, [], nil) }
            return (nil, takeAll(&state.queue), state.end ?? reasonNotToOpen(state))
        }
        if let lane { start(lane) }
        let error = reason ?? SessionEnd.closed(plan.label)
        for continuation in stranded { continuation.resume(returning: .failure(.noLane(error))) }
    }

    /// Waits for work.
    ///
    /// - Returns: jobs of one kind, in the order in which they were submitted, or nothing when the lane is to end.
    private func nextBatch(_ lane: Lane<Resource>) -> [Job]? {
        var isNewlyIdle = true
        return state.withLock { state -> Monitor<State>.Step<[Job]?> in
            guard !lane.isAbandoned, !lane.mustLeave, state.end == nil else { return leave(lane) }
            guard let position = nextPosition(state) else {
                guard !state.isClosing else { return leave(lane) }
                if isNewlyIdle {
                    let now = environment.clock.monotonicNanoseconds
                    lane.phase = .idle(since: now)
                    if let idleTimeout = plan.idleTimeout { watch.arm(now + idleTimeout) }
                    isNewlyIdle = false
                }
                return .wait
            }
            let batch = takeBatch(from: position, &state)
            var deadline: Int64 = 0
            for job in batch {
                job.phase = .running
                deadline = max(deadline, job.context.deadline)
            }
            if batch.contains(where: { $0.context.deadline == 0 }) { deadline = 0 }
            lane.running = batch
            lane.phase = .calling(deadline: deadline)
            lane.frame.resetCancellation()
            return .done(batch)
        }
    }

    private func leave(_ lane: Lane<Resource>) -> Monitor<State>.Step<[Job]?> {
        lane.phase = .leaving
        return .done(nil)
    }

    /// Takes a job and everything of its kind behind it, leaving a fair share to lanes that are idle.
    private func takeBatch(from position: Int, _ state: inout State) -> [Job] {
        if position > 0 { state.queue.insert(state.queue.remove(at: position), at: 0) }
        let kind = state.queue[0].work.kind
        let idleCount = state.lanes.count { $0.isIdle }
        let share = kind == 1 ? max(1, state.queue.count / (idleCount + 1)) : kind >= 3 ? 1 : Int.max
        var weight = 0
        var taken = 0
        func fits(_ job: Job) -> Bool {
            taken == 0 || (taken < share && weight + job.weight <= plan.weightMax)
        }
        while taken < state.queue.count, state.queue[taken].work.kind == kind, fits(state.queue[taken]) {
            weight += state.queue[taken].weight
            taken += 1
        }
        var batch = Array(state.queue[..<taken])
        state.queue.removeFirst(taken)
        // Work of another kind stands between: what is behind it joins, because nobody waits for both.
        if taken < share, let next = state.queue.first, next.work.kind != kind {
            var rest: [Job] = []
            var isFull = false
            for job in state.queue {
                if !isFull, job.work.kind == kind { isFull = !fits(job) }
                guard !isFull, job.work.kind == kind else {
                    rest.append(job)
                    continue
                }
                batch.append(job)
                weight += job.weight
                taken += 1
            }
            state.queue = rest
        }
        state.statistics.batchCount += 1
        state.statistics.jobCount += batch.count
        state.statistics.weight += weight
        state.statistics.weightMax = max(state.statistics.weightMax, weight)
        return batch
    }

    /// Answers the callers of a batch.
    ///
    /// - Returns: whether the lane goes on.
    private func finish(_ lane: Lane<Resource>, _ batch: [Job], _ results: [LaneResult]) -> Bool {
        let death = results.lazy.compactMap(Self.death).first
        var answers: [(CheckedContinuation<LaneResult, Never>, LaneResult)] = []
        answers.reserveCapacity(batch.count)
        var isQueuedAgain = false
        let goesOn = state.withLock { state -> Bool in
            lane.running = []
            if case .calling = lane.phase { lane.phase = .leaving }
            guard !lane.isAbandoned else { return false }
            for (job, result) in zip(batch, results) where job.phase == .running {
                let isFirst = lane.number <= job.newestLaneAtDeath ?? .max
                if death != nil, plan.replacesBroken, !job.isWrite, isFirst, Self.death(result) != nil {
                    // Reading again is harmless, and another connection may be whole.
                    job.newestLaneAtDeath = job.newestLaneAtDeath ?? state.laneNumber
                    job.phase = .queued
                    state.queue.insert(job, at: 0)
                    isQueuedAgain = true
                    continue
                }
                job.phase = .answered
                if let continuation = job.continuation {
                    answers.append((continuation, asSeenOutside(result)))
                }
                job.continuation = nil
            }
            guard death == nil else {
                if plan.replacesBroken { remove(lane, &state) }
                return false
            }
            return true
        }
        // A lane that is idle does not look at the queue by itself, and with one there nobody opens another.
        if isQueuedAgain { state.broadcast() }
        // The session ends before its callers hear of it, so that whoever hears of it finds it ended.
        if let death, !plan.replacesBroken { plan.sessionDied(death) }
        for (continuation, result) in answers { continuation.resume(returning: result) }
        return goesOn
    }

    /// A result without the flag that ends a session, where the session lives on with another connection.
    private func asSeenOutside(_ result: LaneResult) -> LaneResult {
        guard plan.replacesBroken, case .failure(.failed(var error)) = result else { return result }
        error.flags.remove(.providerDead)
        return .failure(.failed(error))
    }

    private static func death(_ result: LaneResult) -> HoldfastError? {
        guard case .failure(let failure) = result, failure.error.flags.contains(.providerDead) else {
            return nil
        }
        return failure.error
    }

    func remove(_ lane: Lane<Resource>, _ state: inout State) { state.lanes.removeAll { $0 === lane } }

    /// Empties a queue.
    func takeAll(_ queue: inout [Job]) -> [CheckedContinuation<LaneResult, Never>] {
        defer { queue = [] }
        return queue.compactMap { job in
            job.phase = .answered
            defer { job.continuation = nil }
            return job.continuation
        }
    }
}

extension Duration {
    /// The duration in whole nanoseconds, at most what fits.
    var nanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max / 4 : min(product, .max / 4) + attoseconds / 1_000_000_000
    }
}
