internal import HoldfastChain
internal import HoldfastModel

/// A batch that was planned from what a list holds, and is only right while nobody adds to the list.
struct Decision<Content: Sendable>: Sendable {
    /// What the plan comes to, once the batch is stored.
    var content: Content
    /// Its first step is on the list, and it says so where the list's last id matters; nothing to write is no batch.
    var batch: Batch?
}

extension Lists {
    /// How often a batch is planned anew because others were faster.
    private static var attemptCountMax: Int { 100 }

    /// Plans a batch and carries it out; plans again while others are faster, which are hosts, and writes without a plan.
    ///
    /// A condition on the last id of a list is decided by the id of an item that may be gone already: removed, or
    /// expired. No reader sees that one, but the conflict tells it, and the plan takes it as the list's end.
    ///
    /// - Parameters:
    ///   - key: which list; plans for the same one are made in turns.
    ///   - options: of the write; its timeout is for each attempt.
    ///   - plan: takes the highest id that a conflict has told, zero at first; reads after it was told.
    /// - Returns: what the plan came to, and the receipt of its batch.
    /// - Throws: what the plan or the write throws; `conflict` when others are faster again and again.
    func decide<Content>(
        on key: String, _ options: WriteOptions,
        _ plan: (_ end: Version) async throws(HoldfastError) -> Decision<Content>
    ) async throws(HoldfastError) -> (content: Content, receipt: BatchReceipt?) {
        let address = try namespace.address(key)
        await store.turns.take(address)
        do throws(HoldfastError) {
            let outcome = try await decideInTurn(options, plan)
            store.turns.pass(address, toAll: false)
            return outcome
        } catch {
            store.turns.pass(address, toAll: error.code == .timeout || error.code == .unavailable)
            throw error
        }
    }

    private func decideInTurn<Content>(
        _ options: WriteOptions,
        _ plan: (_ end: Version) async throws(HoldfastError) -> Decision<Content>
    ) async throws(HoldfastError) -> (content: Content, receipt: BatchReceipt?) {
        var end: Version?
        var stallCount = 0
        var refusal = HoldfastError(.conflict, "others kept writing the same list")
        for _ in 0..<Self.attemptCountMax {
            let decision = try await plan(end ?? .zero)
            guard let batch = decision.batch else { return (decision.content, nil) }
            do {
                return (decision.content, try await store.write(batch, options))
            } catch {
                // An item that the batch takes away was taken by another: it is not in the next plan.
                guard error.code == .conflict || error.code == .notFound else { throw error }
                refusal = error
            }
            guard refusal.code == .conflict else { continue }
            // A conflict that says nothing new is about something else: a fence, or a key in flight.
            let isNews = refusal.current != nil && refusal.current != end
            stallCount = isNews ? 0 : stallCount + 1
            guard stallCount < 2 else { throw refusal }
            end = refusal.current ?? end
        }
        throw refusal
    }

    /// What an earlier write with the same idempotency key has stored in a list.
    ///
    /// - Returns: its receipt, with the versions that it wrote but for those of checks, which are zero; or nothing when
    ///   there was none.
    func firstAnswer(of key: String, _ options: WriteOptions) async throws(HoldfastError) -> Receipt? {
        guard let text = options.idempotencyKey else { return nil }
        let scope = try namespace.address(key)
        let claim = try IdempotencyRecord.address(
            WriteRequest.IdempotencyKey(scope: scope, text: Bytes(text)))
        let answer = try await store.read([ReadRequest(claim)], CallOptions(timeout: options.timeout))
        guard let record = answer.results[0].first else { return nil }
        let versions = try IdempotencyRecord.versions(in: record.value).filter { !$0.isZero }
        return Receipt(replayOf: versions, seenWith: answer.degradations)
    }
}
