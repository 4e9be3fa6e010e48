public import HoldfastModel
internal import HoldfastSupport

/// The runs of agents: each with the events that it had, in sessions that several of them share.
///
/// A run, a session, an event is one JSON object of the caller's, which comes back byte for byte. Runs are the documents
/// of the namespace `runs`, sessions those of `run-sessions` with their history in the list at the same key, and the
/// events of a run are the list at its id in `run-events`.
public struct Runs: Sendable {
    /// Where runs are stored.
    public static let namespace = "runs"
    /// Where sessions and their histories are stored.
    public static let sessionNamespace = "run-sessions"
    /// Where events are stored.
    public static let eventNamespace = "run-events"

    let store: HistoryStore
    let lifetime: Duration?

    /// Reads one run.
    ///
    /// - Parameters:
    ///   - id: its `run_id`.
    ///   - options: how long it may take.
    /// - Returns: the run, or nothing when there is none or it has expired.
    /// - Throws: `unavailable` when nobody can say.
    public func run(
        _ id: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<Run?> {
        try await store.documents(Self.namespace).find(id, options).mapContent { $0.map(Run.init) }
    }

    /// Saves one run, whether or not there is one already.
    ///
    /// - Parameters:
    ///   - json: an object with the strings `run_id` and `agent_name`, and, where they are there, `session_id`, `status` and
    ///     `created_at`, a time; all else is kept as it is. Runs are sorted by `created_at`, without it by their first save.
    ///   - lifetime: how long it is kept, with its events and its session, counted from this save.
    ///   - condition: what must hold of the stored run for the save to take place.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose first version is that of the run.
    /// - Throws: `invalid` naming the member that is wrong; `conflict`, with the stored version, when the condition does
    ///   not hold.
    @discardableResult
    public func save(
        _ json: Bytes, lifetime: Lifetime = .unchanged, if condition: Condition? = nil,
        _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        let entry = try RunEntry(json)
        let calls = CallOptions(timeout: options.timeout)
        var renewed: [ExpiringList] = []
        var isWatched = false
        let answer = try await store.writing(options) { (_) async throws(HoldfastError) -> Batch in
            let save = try await RunSave(json, entry, lifetime, condition, in: self, options)
            renewed = save.renewed
            isWatched = save.isWatched
            return save.batch
        }
        let events = ExpiringList(store, Self.eventNamespace, entry.id)
        if isWatched, try await events.look(calls).isOldestAstray { renewed.append(events) }
        for list in renewed { try await list.renewItems(calls) }
        return answer.receipt
    }

    /// Deletes one run with all of its events, in one step; that there is none is not an error.
    ///
    /// - Parameters:
    ///   - id: its `run_id`; the session of the run stays.
    ///   - condition: what must hold of the stored run for the removal to take place.
    ///   - options: how it is made safe.
    /// - Returns: a receipt.
    /// - Throws: `conflict`, with the stored version, when the condition does not hold.
    @discardableResult
    public func delete(
        _ id: String, if condition: Condition? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        var batch = Batch()
        if let condition { batch.check(id, in: Self.namespace, is: condition) }
        batch.erase(id, in: Self.namespace)
        batch.erase(id, in: Self.eventNamespace)
        return try await store.write(batch, options).receipt
    }

    var now: Int64 { store.edge.clock.unixMilliseconds }
}

extension HistoryStore {
    /// The runs of agents, with their sessions and events.
    ///
    /// - Parameter lifetime: how long a new run, and a new session, is kept after it was saved last; nothing is for ever.
    ///   More than zero.
    /// - Returns: a handle that is cheap to make and to copy.
    public func runs(lifetime: Duration? = nil) -> Runs { Runs(store: self, lifetime: lifetime) }
}
