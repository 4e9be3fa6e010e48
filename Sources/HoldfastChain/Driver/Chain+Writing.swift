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
        return try await receipt(for: try await askDeciding(core, timeout: request.timeout))
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
}
