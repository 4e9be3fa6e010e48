public import HoldfastChain
public import HoldfastModel

extension Agents {
    /// Makes the messages of an agent be these, and writes the difference.
    ///
    /// What is stored already keeps its id and time: a save after each turn appends the turn, in one atomic step. Where
    /// the list is shorter than before, or differs in the middle, items are changed in place or go, and those behind
    /// them stay where that is possible; snapshots keep what they hold.
    ///
    /// - Parameters:
    ///   - messages: all of them, oldest first; each a JSON object with a `role`. None makes the list empty.
    ///   - agent: whose.
    ///   - last: the id of the last message that the caller knows, zero for none; nothing means any.
    ///   - options: how it is made safe. A retry needs no idempotency key.
    /// - Returns: what was kept, changed, removed and appended.
    /// - Throws: `conflict` when somebody wrote messages of this agent meanwhile: nothing of theirs is lost, read again.
    ///   `invalid` for what is no message, and for a difference beyond the limits of one request.
    @discardableResult
    public func saveMessages(
        _ messages: [Bytes], of agent: String, ifLast last: Version? = nil,
        _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> MessageSave {
        try await measured(.save) { () async throws(HoldfastError) in
            let key = try key(agent)
            try Self.checkMessages(messages)
            let stored = try await history(of: agent, CallOptions(timeout: options.timeout))
            guard last == nil || last == stored.lastID else {
                throw HoldfastError(
                    .conflict, "the last message of agent \"\(agent)\" is another, read them again",
                    current: stored.lastID)
            }
            let difference = MessageDifference(from: stored.items.map(\.bytes), to: messages)
            guard !difference.isEmpty else {
                return MessageSave(
                    keptCount: messages.count, editedCount: 0, removedCount: 0, appended: [], receipt: nil)
            }
            let plan = MessagePlan(
                stored: stored, difference: difference, messages: messages, agent: agent, key: key)
            let answer = try await store.write(plan.batch(ifLast: stored.lastID), options)
            return MessageSave(
                keptCount: stored.items.count - difference.removed.count - difference.edited.count,
                editedCount: difference.edited.count, removedCount: difference.removed.count,
                appended: difference.appended.isEmpty ? [] : answer.results.last ?? [],
                receipt: answer.receipt)
        }
    }

    /// Appends messages to those that an agent has.
    ///
    /// - Parameters:
    ///   - messages: oldest first, at least one; each a JSON object with a `role`.
    ///   - agent: whose.
    ///   - last: the list's last id must be this one, zero for none; nothing means any.
    ///   - options: how it is made safe; with an idempotency key, a retry stores the messages once.
    /// - Returns: a receipt with one id for each message.
    /// - Throws: `conflict`, with the last id, when another message came before; `invalid` for what is no message.
    @discardableResult
    public func appendMessages(
        _ messages: [Bytes], to agent: String, ifLast last: Version? = nil,
        _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await measured(.save) { () async throws(HoldfastError) in
            let key = try key(agent)
            try Self.checkMessages(messages)
            let values = messages.map { Value.json($0) }
            return try await lists(.messages).append(values, to: key, ifLast: last, options)
        }
    }

    /// Reads every message of an agent, oldest first; none where there is none.
    public func loadMessages(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentEntry, ListRange> {
        try await all(.messages, of: agent, options)
    }

    /// Reads a page of an agent's messages.
    ///
    /// - Parameters:
    ///   - agent: whose; one without messages answers an empty page.
    ///   - range: which; the latest ``PageLimit/standard``, if nothing is said.
    ///   - options: how long it may take.
    /// - Returns: the messages, and the range of the page that follows.
    /// - Throws: `invalid` for a limit below zero or too high.
    public func messages(
        of agent: String, _ range: ListRange = ListRange(), _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentEntry, ListRange> {
        try await page(.messages, of: agent, range, options)
    }

    private static func checkMessages(_ messages: [Bytes]) throws(HoldfastError) {
        for (position, json) in messages.enumerated() {
            let message = try AgentShape(json, as: "message \(position + 1)")
            _ = try message.name("role", such: "user")
        }
    }
}

/// The messages of an agent as they were read, and what their snapshots hold of them.
struct StoredHistory: Sendable {
    let items: [Item]
    let head: MessageHead
    /// Zero where there is no head yet.
    let headVersion: Version

    /// The id of the last message that a reader sees.
    var lastID: Version { items.last?.id ?? .zero }

    /// What a write that relies on the past asks for.
    var condition: Condition { headVersion.isZero ? .absent : .version(headVersion) }
}

extension Agents {
    /// Reads the head and then the messages: a change of the past that comes between shows when the head is checked.
    func history(
        of agent: String, limit: Int? = nil, _ options: CallOptions
    ) async throws(HoldfastError) -> StoredHistory {
        let (head, version) = try await head(of: agent, options)
        var items: [Item] = []
        let range = ListRange(.ascending, limit: limit)
        for try await item in lists(.messages).stream(of: try key(agent), range, options) {
            items.append(item)
        }
        return StoredHistory(items: items, head: head, headVersion: version)
    }

    /// Reads the head of an agent's messages, and its version: zero where there is none.
    func head(
        of agent: String, _ options: CallOptions
    ) async throws(HoldfastError) -> (MessageHead, Version) {
        guard let document = try await documents(.archives).get([try key(agent)], options).content[0] else {
            return (MessageHead(), .zero)
        }
        return (try MessageHead(parsing: document.bytes), document.version)
    }

    /// Where an archive of an agent's messages is kept.
    static func archive(_ number: Int, of agent: String) -> String {
        CompositeKey(agent, String(number)).text
    }
}
