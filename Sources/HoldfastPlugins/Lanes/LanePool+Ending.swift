internal import HoldfastModel
internal import HoldfastSupport

extension LanePool {
    /// Takes a job back.
    ///
    /// What waits is answered at once. A running write is waited for, because only its plugin knows what became of it.
    func cancel(_ job: Job) {
        let continuation = state.withLock { state -> CheckedContinuation<LaneResult, Never>? in
            job.isCancelled = true
            switch job.phase {
            case .new, .answered: return nil
            case .queued: state.queue.removeAll { $0 === job }
            case .running:
                let lane = state.lanes.first { $0.running.contains { $0 === job } }
                if let lane, lane.running.allSatisfy(\.isCancelled) { lane.frame.cancel() }
                if job.isWrite { return nil }
            }
            job.phase = .answered
            defer { job.continuation = nil }
            return job.continuation
        }
        continuation?.resume(returning: .failure(.failed(Self.cancelled(plan.label))))
    }

    /// Deals with everything whose time is up.
    ///
    /// - Returns: when to look again.
    func expire(_ now: Int64) -> Int64? {
        var answers: [(CheckedContinuation<LaneResult, Never>, LaneFailure)] = []
        var stuckSession: HoldfastError?
        let (next, newLane) = state.withLock { state -> (Int64?, Lane<Resource>?) in
            expireQueued(now, &state, &answers)
            expireIdle(now, &state)
            for lane in state.lanes {
                guard isStuck(lane, now, state) else {
                    expireRunning(now, lane, &answers)
                    continue
                }
                abandon(lane, &state, &answers)
                if !plan.replacesStuck { stuckSession = stuckError(isWrite: true) }
            }
            if state.lanes.isEmpty, stuckSession == nil, let reason = reasonNotToOpen(state) {
                answers += takeAll(&state.queue).map { ($0, .noLane(reason)) }
            }
            let newLane = laneToAdd(&state)
            return (nextDeadline(state), newLane)
        }
        if let stuckSession { plan.sessionDied(stuckSession) }
        for (continuation, failure) in answers { continuation.resume(returning: .failure(failure)) }
        state.broadcast()
        if let newLane { start(newLane) }
        answerClosersIfOver()
        return next
    }

    private func expireQueued(
        _ now: Int64, _ state: inout State,
        _ answers: inout [(CheckedContinuation<LaneResult, Never>, LaneFailure)]
    ) {
        state.queue.removeAll { job in
            guard job.context.deadline != 0, job.context.deadline <= now else { return false }
            job.phase = .answered
            if let continuation = job.continuation {
                let error = HoldfastError(
                    .timeout, "\(plan.label): the deadline passed while the call waited for a lane")
                answers.append((continuation, .failed(error)))
            }
            job.continuation = nil
            return true
        }
    }

    private func expireIdle(_ now: Int64, _ state: inout State) {
        guard let idleTimeout = plan.idleTimeout else { return }
        for lane in state.lanes {
            if case .idle(let since) = lane.phase, since + idleTimeout <= now { lane.mustLeave = true }
        }
    }

    /// Answers the callers whose own deadline has passed, though their batch may go on.
    private func expireRunning(
        _ now: Int64, _ lane: Lane<Resource>,
        _ answers: inout [(CheckedContinuation<LaneResult, Never>, LaneFailure)]
    ) {
        for job in lane.running where job.phase == .running {
            guard job.context.deadline != 0, job.context.deadline + environment.abandonGrace <= now else {
                continue
            }
            job.phase = .answered
            if let continuation = job.continuation {
                answers.append((continuation, .failed(lateError(isWrite: job.isWrite))))
            }
            job.continuation = nil
        }
    }

    private func isStuck(_ lane: Lane<Resource>, _ now: Int64, _ state: State) -> Bool {
        if state.closeDeadline <= now { return true }
        return lane.deadline != 0 && lane.deadline + environment.abandonGrace <= now
    }

    /// Gives a lane up.
    ///
    /// Its thread may sit in the plugin for ever; it owns all that the plugin may still touch.
    private func abandon(
        _ lane: Lane<Resource>, _ state: inout State,
        _ answers: inout [(CheckedContinuation<LaneResult, Never>, LaneFailure)]
    ) {
        lane.isAbandoned = true
        lane.frame.cancel()
        lane.turn?.end()
        environment.stuck.add()
        if lane.isOpening, state.lanes.count == 1 {
            let error = HoldfastError(.timeout, "\(plan.label): opening it took longer than connect_timeout")
            answers += takeAll(&state.queue).map { ($0, .noLane(error)) }
        }
        for job in lane.running where job.phase == .running {
            job.phase = .answered
            if let continuation = job.continuation {
                answers.append((continuation, .failed(stuckError(isWrite: job.isWrite))))
            }
            job.continuation = nil
        }
        lane.running = []
        remove(lane, &state)
    }

    /// What a caller hears whose deadline has passed.
    private func lateError(isWrite: Bool) -> HoldfastError {
        var error = HoldfastError(
            .timeout,
            "\(plan.label): its plugin did not answer within the deadline"
                + (isWrite ? "; the change may be stored or not" : ""))
        if isWrite { error.flags.insert(.maybeApplied) }
        return error
    }

    /// What a caller hears whose lane is given up, and with it the session, unless another lane takes its place.
    private func stuckError(isWrite: Bool) -> HoldfastError {
        var error = lateError(isWrite: isWrite)
        if !plan.replacesStuck { error.flags.insert(.providerDead) }
        return error
    }

    private func nextDeadline(_ state: State) -> Int64? {
        var next = state.closeDeadline
        for job in state.queue where job.context.deadline != 0 { next = min(next, job.context.deadline) }
        for lane in state.lanes {
            if lane.deadline != 0 { next = min(next, lane.deadline + environment.abandonGrace) }
            for job in lane.running where job.phase == .running && job.context.deadline != 0 {
                next = min(next, job.context.deadline + environment.abandonGrace)
            }
            if case .idle(let since) = lane.phase, let idleTimeout = plan.idleTimeout, !lane.mustLeave {
                next = min(next, since + idleTimeout)
            }
        }
        return next == .max ? nil : next
    }

    /// Ends the session: what waits is refused, what runs is finished, nothing new is taken.
    func end(_ error: HoldfastError) {
        let waiting = state.withLock { state -> [CheckedContinuation<LaneResult, Never>] in
            if state.end == nil { state.end = error }
            return takeAll(&state.queue)
        }
        state.broadcast()
        for continuation in waiting { continuation.resume(returning: .failure(.failed(error))) }
    }

    /// Finishes what is queued and running, closes every resource, and ends the threads.
    func close() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let now = environment.clock.monotonicNanoseconds
            let isOver = state.withLock { state in
                state.isClosing = true
                guard !state.lanes.isEmpty else { return true }
                state.closeDeadline = min(state.closeDeadline, now + environment.drainTimeout)
                state.closers.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
            state.broadcast()
            watch.arm(now + environment.drainTimeout)
        }
        await watch.stop()
    }
}
