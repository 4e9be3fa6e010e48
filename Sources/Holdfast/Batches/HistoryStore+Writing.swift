internal import HoldfastChain
public import HoldfastModel

extension HistoryStore {
    /// How often a batch is planned anew: because a document that it keeps was written meanwhile, or the last item of a
    /// list is one that no reader sees.
    private static let attemptCountMax = 16

    /// Carries out a batch, all of it or nothing.
    ///
    /// All or nothing holds for every reader where ``guarantees`` say `isAtomic`; elsewhere the log makes the batch
    /// complete after a failure, and a reader may see a part of it for a moment.
    ///
    /// - Parameters:
    ///   - batch: at least one step.
    ///   - options: how it is made safe; an idempotency key belongs to the place of the first step.
    /// - Returns: the versions that each step wrote.
    /// - Throws: `conflict`, with the stored version, when a condition does not hold; `notFound` when an edited or
    ///   removed item is not there; `invalid` beyond the limits. Then nothing of the batch is stored, now or later.
    @discardableResult
    public func write(
        _ batch: Batch, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> BatchReceipt {
        let kept = try BatchPlan.keptAddresses(of: batch)
        var documents = try await self.documents(at: kept, options)
        let isAtomic = kept.isEmpty ? false : await backend.guarantees.isAtomic
        var lasts = LastItems(batch)
        var attempt = 1
        while true {
            let plan = try BatchPlan(lasts.batch, edge: edge, documents: documents, isAtomic: isAtomic)
            do {
                let receipt = try await write(
                    plan.changes, scope: plan.scope, options, fences: batch.fences)
                let results = plan.reported.map { range in Array(receipt.versions[range]) }
                return BatchReceipt(results: results, of: receipt)
            } catch {
                guard error.code == .conflict, attempt < Self.attemptCountMax else { throw error }
                attempt += 1
                let current = try await self.documents(at: kept, options)
                if current != documents {
                    documents = current
                    continue
                }
                // Where nothing has changed, the condition is one of the caller's.
                let calls = CallOptions(timeout: options.timeout)
                guard try await lasts.take(error.current, from: self, calls) else { throw error }
            }
        }
    }

    private func documents(
        at addresses: [Address], _ options: WriteOptions
    ) async throws(HoldfastError) -> [Address: Record?] {
        guard !addresses.isEmpty else { return [:] }
        let answer = try await read(addresses.map { ReadRequest($0) }, CallOptions(timeout: options.timeout))
        return Dictionary(uniqueKeysWithValues: zip(addresses, answer.results.map(\.first)))
    }
}
