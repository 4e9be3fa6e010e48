internal import HoldfastModel

extension HistoryStore {
    /// How often something is tried that others get in the way of: each attempt that fails is one that succeeds elsewhere.
    private static let attemptCountMax = 200
    /// The same where the conflict may as well be one of the caller's, of a fence or an idempotency key.
    private static let cautiousAttemptCountMax = 8

    /// Reads, decides and writes, and begins again where somebody else wrote in between.
    ///
    /// - Parameters:
    ///   - options: how it is made safe.
    ///   - decide: reads what there is, and makes a batch of it that fails where that has changed; throws what is final.
    ///     Takes the version that the attempt before met: of a list, the last id, which may be that of a removed item.
    /// - Returns: the receipt of the attempt that succeeded.
    /// - Throws: what the function throws, and what writing throws but `conflict` and `notFound`.
    func writing(
        _ options: WriteOptions, _ decide: (_ met: Version?) async throws(HoldfastError) -> Batch
    ) async throws(HoldfastError) -> BatchReceipt {
        let isCautious = options.fence != nil || options.idempotencyKey != nil
        let last = isCautious ? Self.cautiousAttemptCountMax : Self.attemptCountMax
        var attempt = 1
        var met: Version?
        while true {
            let batch = try await decide(met)
            do {
                return try await write(batch, options)
            } catch {
                guard error.code == .conflict || error.code == .notFound, attempt < last else { throw error }
                met = error.current
                attempt += 1
            }
        }
    }
}
