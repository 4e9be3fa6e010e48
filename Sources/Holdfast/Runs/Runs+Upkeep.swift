public import HoldfastChain
public import HoldfastModel

extension Runs {
    /// How much is stored.
    public struct Stats: Hashable, Sendable {
        /// Runs that have not expired.
        public let runs: Int
        /// Sessions that have not expired.
        public let sessions: Int
        /// Events, those of expired runs included until the backend has removed them.
        public let events: Int
    }

    private static let erasedCountMax = 500

    /// Whether the store answers.
    ///
    /// - Parameter options: how long it may take.
    /// - Returns: false where a read fails, for whatever reason.
    public func ping(_ options: CallOptions = CallOptions()) async -> Bool {
        (try? await run("ping", options)) != nil
    }

    /// Closes the store, for everybody who uses it; as ``HistoryStore/close()``.
    public func close() async { await store.close() }

    /// Counts what is stored.
    public func stats(_ options: CallOptions = CallOptions()) async throws(HoldfastError) -> Answer<Stats> {
        let request = DomainRequest(.runStats)
        let sessions = store.documents(Self.sessionNamespace)
        let parts = [
            DomainCall.Part("runs", try store.documents(Self.namespace).question(Selection()).count),
            DomainCall.Part("sessions", try sessions.question(Selection()).count),
            DomainCall.Part("events", try store.lists(Self.eventNamespace).question(Selection()).count),
        ]
        let answer = try await store.answer(request, parts, options)
        return Answer(
            Stats(
                runs: try request.count(0, of: answer), sessions: try request.count(1, of: answer),
                events: try request.count(2, of: answer)),
            source: answer.source, degradations: answer.degradations)
    }

    /// Deletes every run, session and event.
    ///
    /// Many steps, each of which deletes whole runs and sessions: what is saved meanwhile may stay.
    ///
    /// - Parameter options: how each step is made safe; without an idempotency key.
    /// - Throws: what a step throws; then a part is deleted, and the rest can be by another call.
    public func clear(_ options: WriteOptions = .standard) async throws(HoldfastError) {
        let calls = CallOptions(timeout: options.timeout)
        try await store.erase(
            Self.namespace, with: [Self.eventNamespace], Self.erasedCountMax, options, calls)
        for namespace in [Self.sessionNamespace, Self.eventNamespace] {
            try await store.erase(namespace, with: [], Self.erasedCountMax, options, calls)
        }
    }
}

extension HistoryStore {
    /// Erases every key of a namespace, each together with the same key of others.
    fileprivate func erase(
        _ namespace: String, with others: [String], _ count: Int, _ options: WriteOptions,
        _ calls: CallOptions
    ) async throws(HoldfastError) {
        var options = options
        options.idempotencyKey = nil
        while true {
            let documents = try await documents(namespace).scan(Scan(keysOnly: true), limit: count, calls)
            let lists = try await lists(namespace).summaries(limit: count, calls)
            let keys = Set(documents.map(\.key) + lists.map(\.key))
            guard !keys.isEmpty else { return }
            var batch = Batch()
            for key in keys.sorted() {
                for place in [namespace] + others { batch.erase(key, in: place) }
            }
            try await write(batch, options)
        }
    }
}
