public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Agents {
    /// Writes the todos of an agent.
    ///
    /// - Parameters:
    ///   - todos: a JSON object with an array `todos`; replaces what is there.
    ///   - agent: whose.
    ///   - condition: what must hold of the todos that are there.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the new version.
    /// - Throws: `conflict`, with the stored version, when the condition does not hold; `invalid` for what are no todos.
    @discardableResult
    public func saveTodos(
        _ todos: Bytes, of agent: String, if condition: Condition? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        _ = try AgentShape(todos, as: "the snapshot of todos").array("todos")
        return try await save(todos, to: .todos, of: agent, condition, options)
    }

    /// Reads the todos of an agent; nothing where there are none.
    public func loadTodos(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<AgentDocument?> {
        try await load(.todos, of: agent, options)
    }

    /// Makes the records of an agent's media cache be these.
    ///
    /// - Parameters:
    ///   - records: all of them; each a JSON object with a `key`.
    ///   - agent: whose.
    ///   - condition: what must hold of the cache that is there.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the new version.
    /// - Throws: `conflict`, with the stored version, when the condition does not hold; `invalid` for what is no record.
    @discardableResult
    public func saveMediaCache(
        _ records: [Bytes], of agent: String, if condition: Condition? = nil,
        _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        var writer = JSONWriter()
        try writer.array { array throws(HoldfastError) in
            for (position, record) in records.enumerated() {
                let shape = try AgentShape(record, as: "media record \(position + 1)")
                _ = try shape.name("key", such: "sha256:9f86d081")
                array.value(json: record.array)
            }
        }
        return try await save(Bytes(writer.bytes), to: .media, of: agent, condition, options)
    }

    /// Reads the records of an agent's media cache; none where there is none.
    public func loadMediaCache(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<[Bytes]> {
        let answer = try await load(.media, of: agent, options)
        guard let document = answer.content else {
            return Answer([], source: answer.source, degradations: answer.degradations)
        }
        guard let node = try? JSONNode(document.json.array), node.kind == .array else {
            throw HoldfastError(.corrupt, "the media cache of agent \"\(agent)\" is no JSON array")
        }
        return Answer(
            node.elements.map { Bytes(Array($0.bytes)) }, source: answer.source,
            degradations: answer.degradations)
    }
}

extension Agents {
    private func save(
        _ json: Bytes, to place: Place, of agent: String, _ condition: Condition?, _ options: WriteOptions
    ) async throws(HoldfastError) -> Receipt {
        try await measured(.save) { () async throws(HoldfastError) in
            try await documents(place).put(.json(json), at: try key(agent), if: condition, options)
        }
    }

    private func load(
        _ place: Place, of agent: String, _ options: CallOptions
    ) async throws(HoldfastError) -> Answer<AgentDocument?> {
        try await measured(.load) { () async throws(HoldfastError) in
            try await documents(place).find(try key(agent), options).mapContent {
                $0.map { AgentDocument($0, of: agent) }
            }
        }
    }
}
