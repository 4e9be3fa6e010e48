public import HoldfastChain
public import HoldfastModel

extension Agents {
    /// Writes the record of one call, whether or not there is one.
    ///
    /// - Parameters:
    ///   - record: a JSON object with `id`, `name`, `state` and a whole `createdAt`.
    ///   - agent: whose; a call of another agent with the same id is another call.
    ///   - condition: what must hold of the record that is there.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the record's version.
    /// - Throws: `conflict`, with the stored version, when the condition does not hold; `invalid` for what is no record.
    @discardableResult
    public func saveToolCallRecord(
        _ record: Bytes, of agent: String, if condition: Condition? = nil, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await measured(.save) { () async throws(HoldfastError) in
            let id = try AgentToolCall.name(of: record, as: "the tool call")
            let register = try AgentRegister(self, .toolCalls, agent)
            return try await retrying(unless: condition) { () async throws(HoldfastError) in
                let calls = CallOptions(timeout: options.timeout)
                let stored = try await register.get([id], calls)[0]?.version
                try Self.check(condition, holdsFor: stored, "tool call \"\(id)\"")
                var batch = Batch()
                register.put(
                    .json(record), at: id, replacing: stored, isRetryable: options.idempotencyKey != nil,
                    in: &batch)
                return try await store.write(batch, options).receipt(ofStep: 0)
            }
        }
    }

    static func check(
        _ condition: Condition?, holdsFor stored: Version?, _ noun: String
    ) throws(HoldfastError) {
        guard let condition, condition.expected != stored ?? .zero else { return }
        throw HoldfastError(
            .conflict, stored == nil ? "there is no \(noun)" : "\(noun) has another version",
            current: stored ?? .zero)
    }

    /// Makes the tool calls of an agent be these, and writes the difference.
    ///
    /// - Parameters:
    ///   - records: all of them, in order; each as for one, and no id twice.
    ///   - agent: whose.
    ///   - options: how it is made safe. A retry needs no idempotency key.
    /// - Returns: a receipt of what was written; nothing where there was nothing to write.
    /// - Throws: `conflict` when somebody wrote one of these records, or added one, meanwhile. `invalid` for what is no
    ///   record, and for a difference beyond the limits of one request.
    @discardableResult
    public func saveToolCallRecords(
        _ records: [Bytes], of agent: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt? {
        try await measured(.save) { () async throws(HoldfastError) in
            let register = try AgentRegister(self, .toolCalls, agent)
            var names: [String] = []
            var positions: [Bytes: Int] = [:]
            for (position, record) in records.enumerated() {
                let name = try AgentToolCall.name(of: record, as: "tool call \(position + 1)")
                if let first = positions.updateValue(position, forKey: Bytes(name)) {
                    throw HoldfastError(
                        .invalid,
                        "tool calls \(first + 1) and \(position + 1) have one id, \"\(name)\": expected each once"
                    )
                }
                names.append(name)
            }
            let calls = CallOptions(timeout: options.timeout)
            let contents = try await register.contents(calls)
            let known = contents.entries.map(\.name)
            let documents = try await register.get(known, calls)
            let save = RegisterSave(
                register: register, contents: contents,
                stored: Dictionary(
                    zip(known.map { Bytes($0) }, documents), uniquingKeysWith: { first, _ in first }),
                names: names, values: records)
            let batch = save.batch
            return batch.isEmpty ? nil : try await store.write(batch, options).receipt
        }
    }

    /// Reads every tool call of an agent, in the order in which they were first saved; none where there is none.
    public func loadToolCallRecords(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentToolCall, Cursor> {
        try await measured(.load) { () async throws(HoldfastError) in
            let register = try AgentRegister(self, .toolCalls, agent)
            let contents = try await register.contents(options)
            let documents = try await register.get(contents.entries.map(\.name), options)
            return Page(
                documents.compactMap { $0.flatMap { AgentToolCall($0) } }, next: nil, source: contents.source,
                degradations: contents.degradations)
        }
    }

    /// Reads one tool call.
    ///
    /// - Parameters:
    ///   - id: which.
    ///   - agent: whose.
    ///   - options: how long it may take.
    /// - Returns: the record, and who answered.
    /// - Throws: `notFound` when there is none.
    public func toolCall(
        _ id: String, of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<AgentToolCall> {
        try await measured(.load) { () async throws(HoldfastError) in
            let register = try AgentRegister(self, .toolCalls, agent)
            let answer = try await register.documents.get([register.key(of: id)], options)
            guard let call = answer.content[0].flatMap({ AgentToolCall($0) }) else {
                throw HoldfastError(.notFound, "agent \"\(agent)\" has no tool call \"\(id)\"")
            }
            return Answer(
                call, source: answer.source, degradations: answer.degradations)
        }
    }
}
