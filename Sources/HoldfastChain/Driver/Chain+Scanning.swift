import HoldfastModel
import HoldfastSupport

/// Questions that take as long as what they ask: that one takes long says nothing about who answers it.
extension Chain {
    /// What is asked of a store.
    typealias Question<Answer: Sendable> = @Sendable (any Store) async throws(HoldfastError) -> Answer

    /// What is known first of a primary that was asked.
    private enum Finding<Answer: Sendable>: Sendable {
        case answer(Result<Answer, HoldfastError>)
        /// It has answered something else meanwhile, or not.
        case probe(isThere: Bool)
    }

    /// Asks the primary, and waits for it as long as it answers others meanwhile.
    ///
    /// Where a backup could answer in its place it is probed when half of the time is over, or `timeout` where that is
    /// sooner. One that says nothing is asked no longer; if it goes on saying nothing, it is given up.
    ///
    /// - Parameters:
    ///   - connection: to the primary, which serves.
    ///   - context: the caller's deadline.
    ///   - question: what is asked.
    /// - Returns: nothing where a backup is to be asked.
    /// - Throws: what the primary says, `timeout` where the question was too large for its time.
    func askPrimary<Answer: Sendable>(
        over connection: Connection, _ context: CallContext, _ question: @escaping Question<Answer>
    ) async throws(HoldfastError) -> Answer? {
        let generation = core.primary.generation
        let store = connection.store
        let left = context.deadline - environment.clock.monotonicNanoseconds
        let patience = min(left / 2, settings.timeout.nanoseconds)
        do throws(HoldfastError) {
            guard core.backups.contains(where: { $0.phase == .following }) else {
                return try await question(store)
            }
            if let answer = try await race(store, patience: patience, question) { return answer }
        } catch {
            noteAnswer(error, of: .primary)
            guard error.code != .timeout || error.flags.contains(.providerDead) else { throw error }
            try noteOutage(error, of: generation)
            return nil
        }
        // A store that does one thing at a time may have been busy with the question alone.
        if let error = await outage(of: store, within: patience / 4) {
            try noteOutage(error, of: generation)
        }
        return nil
    }

    /// Asks a question.
    ///
    /// - Returns: nothing when the store has neither answered nor said that it is there.
    private nonisolated func race<Answer: Sendable>(
        _ store: any Store, patience: Int64, _ question: @escaping Question<Answer>
    ) async throws(HoldfastError) -> Answer? {
        let clock = environment.clock
        let start = clock.monotonicNanoseconds
        let finding = await withTaskGroup(of: Finding<Answer>.self) { group in
            defer { group.cancelAll() }
            group.addTask {
                do throws(HoldfastError) {
                    return .answer(.success(try await question(store)))
                } catch {
                    return .answer(.failure(error))
                }
            }
            group.addTask {
                await clock.wait(until: start + patience)
                guard !Task.isCancelled else { return .probe(isThere: true) }
                let outage = await self.outage(of: store, within: patience / 4)
                return .probe(isThere: outage == nil || Task.isCancelled)
            }
            while let finding = await group.next() {
                if case .probe(isThere: true) = finding { continue }
                return finding
            }
            return .probe(isThere: false)
        }
        guard case .answer(let result) = finding else { return nil }
        return try result.get()
    }
}
