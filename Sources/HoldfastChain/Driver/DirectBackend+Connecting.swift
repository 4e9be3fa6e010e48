import HoldfastModel
import HoldfastSupport

/// The connection of a single provider, which the next call makes anew when it broke.
extension DirectBackend {
    /// The connection, made where there is none.
    ///
    /// - Parameter deadline: how long the caller waits for it, in monotonic nanoseconds; nothing is as long as it takes.
    /// - Returns: it.
    /// - Throws: what the provider says; `timeout` when opening takes longer, which goes on: a later call finds it done.
    func connected(by deadline: Int64?) async throws(HoldfastError) -> any Store {
        guard !isClosing else { throw closed }
        if let store { return store }
        let attempt = connecting ?? Task { await connect() }
        connecting = attempt
        guard let deadline else { return try await attempt.value.get() }
        guard let result = await Self.value(of: attempt, by: deadline, environment.clock) else {
            throw HoldfastError(.timeout, "\(name): it is still being opened; try again", flags: .retryable)
        }
        return try result.get()
    }

    private var closed: HoldfastError { HoldfastError(.unavailable, "\(name) is closed") }

    private func connect() async -> Result<any Store, HoldfastError> {
        defer { connecting = nil }
        do throws(HoldfastError) {
            // The time that passes before the task gets its turn is not the provider's.
            let connected = try await provider.connect(context(nil))
            guard !isClosing else {
                await connected.close()
                return .failure(closed)
            }
            store = connected
            badAnswers.reconnected()
            reportReturn()
            return .success(connected)
        } catch {
            turnAway(error)
            return .failure(error)
        }
    }

    private static func value<Value: Sendable>(
        of task: Task<Value, Never>, by deadline: Int64, _ clock: any HostClock
    ) async -> Value? {
        await withCheckedContinuation { continuation in
            let waiting = Guarded<CheckedContinuation<Value?, Never>?>(continuation)
            let timer = Task {
                await clock.wait(until: deadline)
                waiting.withLock { $0.take() }?.resume(returning: nil)
            }
            Task {
                let value = await task.value
                waiting.withLock { $0.take() }?.resume(returning: value)
                timer.cancel()
            }
        }
    }

    /// Takes note of a connection that broke or cannot be made.
    private func turnAway(_ error: HoldfastError) {
        lastError = (error, environment.clock.unixMilliseconds)
        awaySince = awaySince ?? environment.clock.monotonicNanoseconds
        report("cannot be used: \(error)", .warning)
    }

    private func reportReturn() {
        guard let awaySince else { return }
        self.awaySince = nil
        let now = environment.clock.monotonicNanoseconds
        if reports.admitsReturn(of: name, after: now - awaySince, at: now) {
            report("is back, after \(ProviderTurns.time(now - awaySince))", .info)
        }
    }

    /// Reports a sentence, once a minute at most where it is always the same.
    private func report(_ sentence: String, _ level: ChainEnvironment.ReportLevel) {
        guard reports.admits(sentence, at: environment.clock.monotonicNanoseconds) else { return }
        environment.report(level, "\(name): \(sentence)")
    }

    /// Runs an operation on the connection, and lets go of the connection when it broke.
    func withStore<Result: Sendable>(
        _ context: CallContext, _ operation: (any Store) async throws(HoldfastError) -> Result
    ) async throws(HoldfastError) -> Result {
        let store = try await connected(by: context.deadline)
        do throws(HoldfastError) {
            return try await operation(store)
        } catch {
            if badAnswers.note(error, at: environment.clock.unixMilliseconds) {
                report("answers: \(error)", .warning)
            }
            if error.flags.contains(.providerDead), self.store?.info == store.info {
                turnAway(error)
                self.store = nil
                await store.close()
            }
            throw error
        }
    }
}
