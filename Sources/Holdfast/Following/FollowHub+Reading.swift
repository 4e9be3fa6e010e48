internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

extension FollowHub {
    /// How many lists one round trip reads.
    private static let questionCountMax = 32

    /// Looks at every list now and then, for what other hosts wrote and for what a failed read did not bring.
    func poll() async {
        while true {
            await clock.wait(for: settings.pollInterval)
            guard !Task.isCancelled else { return }
            let now = clock.monotonicNanoseconds
            let (late, starts) = state.withLock { state in
                for address in state.topics.keys {
                    state.topics[address]?.isDirty = true
                    state.topics[address]?.isHeld = false
                    state.enqueue(address)
                }
                let late = state.removeWaiters { $0.deadline.map { $0 <= now } ?? false }
                return (late, state.claimReader(max: Self.readerCountMax))
            }
            for waiter in late { waiter.continuation.resume(returning: .success(())) }
            if starts { startReader() }
        }
    }

    /// Reads what the queue holds, until it is empty.
    func startReader() {
        Task { [self] in
            while let questions = state.withLock({ $0.nextQuestions(settings, max: Self.questionCountMax) }) {
                await read(questions)
            }
        }
    }

    private func read(_ questions: [Question]) async {
        do throws(HoldfastError) {
            let requests = questions.map { ReadRequest($0.address, range: $0.range) }
            let answer = try await backend.read(requests, CallOptions())
            guard answer.results.count == questions.count else {
                throw HoldfastError(
                    .internal,
                    "the backend answered \(answer.results.count) of \(questions.count) questions")
            }
            // What other hosts wrote is missing, and would come before what is there: the order is not known yet.
            guard !answer.degradations.contains(.hostLocal) else { return end(questions, .hold) }
            for (question, records) in zip(questions, answer.results) { end([question], .records(records)) }
        } catch {
            guard !error.mayPass else { return end(questions, .hold) }
            guard questions.count > 1 else { return end(questions, .failure(error)) }
            // One list that cannot be read keeps nobody from the others.
            for question in questions { await read([question]) }
        }
    }

    /// What a read of one list brought.
    enum Outcome {
        case records([Record])
        /// Another attempt when it is time.
        case hold
        case failure(HoldfastError)
    }

    private func end(_ questions: [Question], _ outcome: Outcome) {
        let result: Result<Void, HoldfastError> =
            if case .failure(let error) = outcome { .failure(error) } else { .success(()) }
        for question in questions {
            let waiters = state.withLock { $0.end(question, outcome, settings) }
            for waiter in waiters { waiter.continuation.resume(returning: result) }
        }
    }
}

extension HoldfastError {
    /// Whether the same read may succeed later.
    var mayPass: Bool {
        flags.contains(.retryable) || code == .unavailable || code == .timeout || code == .exhausted
    }
}
