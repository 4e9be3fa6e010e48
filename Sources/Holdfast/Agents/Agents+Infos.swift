public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Agents {
    /// Writes what is known of an agent.
    ///
    /// - Parameters:
    ///   - info: a JSON object with `agentId`, which is the agent's name, `templateId`, and `createdAt` in UTC, such as
    ///     `2026-01-02T03:04:05.678Z`.
    ///   - agent: whose.
    ///   - condition: what must hold of the info that is there.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the new version.
    /// - Throws: `conflict`, with the stored version, when the condition does not hold; `invalid` for what is no info.
    @discardableResult
    public func saveInfo(
        _ info: Bytes, of agent: String, if condition: Condition? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await measured(.save) { () async throws(HoldfastError) in
            try Self.check(info, of: agent)
            return try await documents(.info).put(.json(info), at: agent, if: condition, options)
        }
    }

    private static func check(_ info: Bytes, of agent: String) throws(HoldfastError) {
        try check(agent)
        let shape = try AgentShape(info, as: "the info of agent \"\(agent)\"")
        guard try shape.text("agentId", such: agent) == agent else {
            throw shape.wrong("agentId", "\"\(agent)\", the agent that it is saved for")
        }
        _ = try shape.text("templateId", such: "assistant")
        let created = try shape.text("createdAt", such: "2026-01-02T03:04:05.678Z")
        // Queries compare the text, in any database; so it has one form.
        guard Timestamp(created)?.description == created else {
            throw shape.wrong(
                "createdAt", "a time in UTC to the millisecond, such as 2026-01-02T03:04:05.678Z")
        }
    }

    /// Reads what is known of an agent; nothing where there is no info.
    public func loadInfo(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<AgentDocument?> {
        try await measured(.load) { () async throws(HoldfastError) in
            try Self.check(agent)
            return try await documents(.info).find(agent, options).mapContent {
                $0.map { AgentDocument($0, of: agent) }
            }
        }
    }

    /// Whether an agent has an info.
    public func exists(
        _ agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<Bool> {
        try await loadInfo(of: agent, options).mapContent { $0 != nil }
    }

    /// Lists the agents that have an info, in the order of their names.
    ///
    /// - Parameters:
    ///   - prefix: only names that begin so, byte for byte; empty is all.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: names, and the cursor of the page that follows.
    /// - Throws: `invalid` for a limit below zero or a cursor of another list.
    public func list(
        prefix: String = "", limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<String, Cursor> {
        try await measured(.load) { () async throws(HoldfastError) in
            let scan = Scan(prefix: prefix, keysOnly: true)
            return try await documents(.info).scan(scan, limit: limit, after: cursor, options)
                .mapPage { $0.key }
        }
    }
}
