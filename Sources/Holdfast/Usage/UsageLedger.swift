public import HoldfastModel
internal import HoldfastSupport

/// What agents used and cost: one entry for each exchange, summed up by day, agent, model and conversation.
///
/// Blocks of usage are entered here in the same step in which they are stored; other callers enter theirs with
/// ``record(_:agent:conversation:message:at:_:)``. Entries are the items of the namespace `usage`.
public struct UsageLedger: Sendable {
    /// Where entries are stored.
    public static let namespace = "usage"

    let store: HistoryStore

    /// Enters what one exchange used.
    ///
    /// - Parameters:
    ///   - usage: the figures.
    ///   - agent: who used it; at least one byte.
    ///   - conversation: where.
    ///   - message: in which message of it.
    ///   - time: when; nothing is now.
    ///   - options: how it is made safe; with an idempotency key, a retry counts once.
    /// - Returns: a receipt with the id of the entry.
    /// - Throws: `invalid` for an agent without a name and a cost that is no number.
    @discardableResult
    public func record(
        _ usage: TokenUsage, agent: String, conversation: String = "", message: String? = nil,
        at time: Timestamp? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        var batch = Batch()
        let entry = UsageEntry(
            usage: usage, agent: agent, conversation: conversation, message: message,
            time: time ?? Timestamp(unixMilliseconds: store.edge.clock.unixMilliseconds))
        try entry.add(to: &batch)
        return try await store.write(batch, options).receipt
    }
}

extension HistoryStore {
    /// What agents used and cost.
    public func usage() -> UsageLedger { UsageLedger(store: self) }
}

/// One entry of the ledger.
struct UsageEntry: Sendable {
    let usage: TokenUsage
    let agent: String
    let conversation: String
    let message: String?
    let time: Timestamp

    func add(to batch: inout Batch) throws(HoldfastError) {
        guard !agent.isEmpty else {
            throw HoldfastError(.invalid, "the agent of the usage has no name, expected at least one byte")
        }
        if let cost = usage.estimatedCost, (try? JSONNode(cost.json.array))?.kind != .number {
            throw HoldfastError(.invalid, "the cost is \(cost.json), expected a number of US dollars")
        }
        var writer = JSONWriter()
        writer.object { object in
            object.member("time", time.unixMilliseconds)
            object.member("day", String("\(time)".prefix(10)))
            object.member("agent_name", agent)
            object.member("conversation_id", conversation)
            object.member("message_id", message)
            usage.write(to: &object)
        }
        batch.append(
            .json(Bytes(writer.bytes)), to: Self.key(agent: agent, conversation: conversation),
            in: UsageLedger.namespace)
    }

    static func key(agent: String, conversation: String) -> String { CompositeKey(agent, conversation).text }
}
