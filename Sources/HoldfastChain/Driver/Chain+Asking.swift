import HoldfastModel
import HoldfastSupport
import Synchronization

/// Requests on their way into the chain, and their callers' answers on the way back.
///
/// A caller leaves its request outside of the actor; the actor takes all that have come by then, and resumes each caller
/// where that waits, without another turn of its own.
extension Chain {
    /// How late a deadline may be noticed.
    private static let sweepInterval: Int64 = 20_000_000
    /// How long an abort may take to become durable before its caller hears that the outcome is unknown.
    private static let abortGrace: Int64 = 1_000_000_000

    /// A name for one more request.
    nonisolated func nextRequest() -> RequestID { requestCount.add(1, ordering: .relaxed).newValue }

    /// Hands a request to the core and waits for its answer.
    nonisolated func ask(_ request: CoreRequest, timeout: Duration?) async -> CoreAnswer {
        let deadline = environment.clock.monotonicNanoseconds + (timeout ?? settings.timeout).nanoseconds
        let answer = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let caller = Caller(continuation: continuation, deadline: deadline)
                let isFirst = inbox.withLock { inbox in
                    inbox.append((request, caller))
                    return inbox.count == 1
                }
                if isFirst { Task { await takeRequests() } }
                // Whoever was cancelled before has been told to cancel what was not there yet.
                if Task.isCancelled { Task { await cancel(request.id) } }
            }
        } onCancel: {
            Task { await cancel(request.id) }
        }
        // To the core it is all one why somebody waits no longer.
        guard case .refused(let error) = answer, error.code == .timeout, Task.isCancelled,
            environment.clock.monotonicNanoseconds < deadline
        else { return answer }
        return .refused(Self.takenBack(maybeApplied: error.flags.contains(.maybeApplied)))
    }

    private static func takenBack(maybeApplied: Bool) -> HoldfastError {
        HoldfastError(
            .cancelled,
            maybeApplied
                ? "the caller took the request back before its outcome was known; "
                    + "a retry with the same idempotency key is safe"
                : "the caller took the request back before it was taken; nothing is stored",
            flags: maybeApplied ? .maybeApplied : [])
    }

    private func takeRequests() {
        let taken = inbox.withLock { inbox in
            defer { inbox = [] }
            return inbox
        }
        guard !taken.isEmpty else { return }
        if let refusal {
            for (_, caller) in taken { caller.continuation.resume(returning: .refused(refusal)) }
            return
        }
        for (request, caller) in taken { callers[request.id] = caller }
        sweepDeadlines()
        deliver(.submitted(taken.map(\.request)))
    }

    /// Why nothing is taken, if so.
    private var refusal: HoldfastError? {
        isClosing ? HoldfastError(.unavailable, "the chain \(name) is closing") : damage
    }

    private func cancel(_ request: RequestID) {
        takeRequests()
        deliver(.deadlinePassed(request))
    }

    /// Resumes the caller of a request.
    func answer(_ request: RequestID, _ answer: CoreAnswer) {
        callers.removeValue(forKey: request)?.continuation.resume(returning: answer)
    }

    /// Looks, while anybody waits, for requests whose time is up, and for a log that keeps them waiting.
    private func sweepDeadlines() {
        guard !isSweeping else { return }
        isSweeping = true
        let clock = environment.clock
        Task {
            while !callers.isEmpty {
                let now = clock.monotonicNanoseconds
                noteHangingLog(at: now)
                for request in callers.filter({ $0.value.deadline <= now }).keys { expire(request, now: now) }
                guard let next = callers.values.lazy.map(\.deadline).min() else { break }
                await clock.wait(until: min(next, now + Self.sweepInterval))
            }
            isSweeping = false
        }
    }

    private func expire(_ request: RequestID, now: Int64) {
        callers[request]?.deadline = now + Self.abortGrace
        deliver(.deadlinePassed(request))
    }
}
