import HoldfastModel
import HoldfastSupport

/// Conditions while the primary is down, with `accept` and one host: nobody else writes, so what a reader would see decides.
extension Chain {
    private static let pause: Int64 = 2_000_000

    static var undecided: HoldfastError {
        HoldfastError(
            .unavailable,
            "the primary is down, and other writes to the same keys were under way until the deadline",
            flags: .retryable)
    }

    /// Submits a request, and decides its conditions where the primary cannot.
    ///
    /// What was decided is only taken if nothing has touched the keys meanwhile; else it is decided again.
    nonisolated func askDeciding(
        _ request: CoreRequest, timeout: Duration?
    ) async throws(HoldfastError) -> CoreAnswer {
        let clock = environment.clock
        let deadline = clock.monotonicNanoseconds + (timeout ?? settings.timeout).nanoseconds
        var attempt = request
        var count: Int64 = 0
        while true {
            let left = deadline - clock.monotonicNanoseconds
            let answer = await ask(attempt, timeout: .nanoseconds(max(0, left)))
            guard answer == .undecided else { return answer }
            guard left > 0, !Task.isCancelled else { throw Self.undecided }
            if count > 0 { await clock.wait(until: clock.monotonicNanoseconds + count * Self.pause) }
            count = min(count + 1, 10)
            let (outcomes, through) = try await decide(request, CallContext(deadline: deadline))
            if let refused = outcomes.first(where: { !$0.stands }) {
                if request.isFixed { return .outcomes(outcomes) }
                throw refused.refusal ?? Self.undecided
            }
            attempt.id = nextRequest()
            attempt.decidedThrough = through
        }
    }

    /// Asks of each change whether its condition holds for a reader, the changes before it applied.
    private func decide(
        _ request: CoreRequest, _ context: CallContext
    ) async throws(HoldfastError) -> ([ChangeOutcome], LogSequenceNumber) {
        let fallback = try await fallback()
        let questions = request.changes.compactMap(\.question)
        let overlay = try await overlay(fallback, questions.map(\.address))
        let answers = try await overlay.read(questions, from: fallback.connection.store, context)
        var found: [Address: [Version: Record]] = [:]
        for record in answers.joined() { found[record.address, default: [:]][record.id] = record }
        var states: [Address: KeyState] = [:]
        for (address, records) in found {
            let items = records.values.filter { !$0.id.isZero }.sorted { $0.id < $1.id }
            states[address] = KeyState(document: records[.zero], items: items)
        }
        let now = environment.clock.unixMilliseconds
        var outcomes: [ChangeOutcome] = []
        for (position, change) in request.changes.enumerated() {
            var change = change
            // Later than all that was assigned; the version that it gets in the log is as well.
            if change.record.version.isZero { change.assign(Version(high: .max, low: UInt64(position))) }
            if !change.isConditional { change.condition = .none }
            outcomes.append(states[change.address, default: KeyState()].apply(change, at: now))
        }
        return (outcomes, fallback.through)
    }
}

extension Change {
    /// What must be read to decide the condition.
    fileprivate var question: ReadRequest? {
        guard isConditional else { return nil }
        guard isItem else { return ReadRequest(address) }
        let before = condition == .exists ? record.id.successor : .zero
        return ReadRequest(address, range: ReadRequest.Range(before: before, limit: 1, reversed: true))
    }
}
