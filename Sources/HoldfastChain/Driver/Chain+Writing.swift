public import HoldfastModel
import HoldfastSupport

extension Chain {
    /// See `Backend`.
    public nonisolated func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        var changes = request.changes
        let address: Address?
        if let key = request.idempotencyKey {
            let claimed = try IdempotencyRecord.address(key)
            let expiry = environment.clock.unixMilliseconds + settings.idempotencyRetention.milliseconds
            changes.insert(IdempotencyRecord.claim(claimed, expiresAt: expiry), at: 0)
            address = claimed
        } else {
            address = nil
        }
        let core = CoreRequest(
            id: nextRequest(), changes: changes, idempotency: address, ack: request.ack ?? settings.ack)
        guard let address else {
            return try await receipt(for: try await askDeciding(core, timeout: request.timeout))
        }
        let options = CallOptions(timeout: request.timeout)
        // Where no reader can be answered the write goes on, and says that it is unsure.
        if let first = try? await firstAnswerInOutage(at: address, options) { return first }
        let receipt = try await receipt(for: try await askDeciding(core, timeout: request.timeout))
        guard receipt.level == .log, !receipt.isReplay, !settings.isShared else { return receipt }
        return await confirmed(receipt, by: address, core.ack, options)
    }

    /// Applies changes whose versions another host assigned: this chain is a provider of a chain above it.
    nonisolated func applyFixed(_ changes: [Change], timeout: Duration?) async throws(HoldfastError)
        -> [ChangeOutcome]
    {
        let request = CoreRequest(id: nextRequest(), changes: changes, ack: settings.ack, isFixed: true)
        switch try await askDeciding(request, timeout: timeout) {
        case .stored: return changes.map { _ in .applied }
        case .outcomes(let outcomes): return outcomes
        case .refused(let error): throw error
        case .undecided: throw Self.undecided
        case .duplicate:
            throw HoldfastError(.internal, "a request without an idempotency key cannot be a duplicate")
        }
    }

    private nonisolated func receipt(for answer: CoreAnswer) async throws(HoldfastError) -> WriteReceipt {
        switch answer {
        case .stored(let versions, let level, let degradations):
            return WriteReceipt(versions: versions, level: level, degradations: degradations.map(name(of:)))
        case .refused(let error): throw error
        case .duplicate(let address): return try await firstAnswer(at: address)
        case .undecided: throw Self.undecided
        case .outcomes: throw HoldfastError(.internal, "outcomes for a request whose versions are not fixed")
        }
    }

    private nonisolated func name(of degradation: CoreDegradation) -> Degradation {
        switch degradation {
        case .primaryDown: .primaryDown
        case .idMayChange: .idMayChange
        case .backupBehind(let index): .backupBehind(settings.backups[index].name)
        }
    }

    /// What the first write with an idempotency key answered.
    private func firstAnswer(at address: Address) async throws(HoldfastError) -> WriteReceipt {
        let answer = try await read([ReadRequest(address)], CallOptions())
        guard let record = answer.results.first?.first else {
            throw HoldfastError(
                .conflict, "the first write with this idempotency key has just been forgotten; try again",
                flags: .retryable)
        }
        return WriteReceipt(
            versions: try IdempotencyRecord.versions(in: record.value), isReplay: true, level: .primary)
    }

    /// What the first write with an idempotency key answered, where the primary cannot say so: with one host a reader
    /// sees as much.
    ///
    /// - Returns: nothing when the primary decides, or when no reader sees a write with the key.
    private func firstAnswerInOutage(
        at address: Address, _ options: CallOptions
    ) async throws(HoldfastError) -> WriteReceipt? {
        guard settings.onPrimaryFailure == .accept, !settings.isShared, !isServing else { return nil }
        let answer = try await read([ReadRequest(address)], options)
        guard let record = answer.results.first?.first else { return nil }
        let isDegraded = !answer.degradations.isEmpty
        return WriteReceipt(
            versions: try IdempotencyRecord.versions(in: record.value), isReplay: true,
            level: isDegraded ? .log : .primary, degradations: isDegraded ? [.primaryDown] : [])
    }

    /// The answer of a write that the log alone has answered for: an earlier one with the same key counts, and the log
    /// does not know of all of them.
    private func confirmed(
        _ receipt: WriteReceipt, by address: Address, _ ack: AckLevel, _ options: CallOptions
    ) async -> WriteReceipt {
        var unsure = receipt
        unsure.degradations.append(.idMayChange)
        // Whoever asks for the log alone does not wait for a primary that is there.
        guard ack != .log || !isServing, let answer = try? await read([ReadRequest(address)], options),
            let record = answer.results.first?.first,
            let versions = try? IdempotencyRecord.versions(in: record.value)
        else { return unsure }
        guard versions != receipt.versions else { return receipt }
        var first = receipt
        first.versions = versions
        first.isReplay = true
        return first
    }
}
