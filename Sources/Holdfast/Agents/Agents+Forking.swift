internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Agents {
    /// Makes copies of an agent, which go their own ways: its info, messages and tool calls.
    ///
    /// A copy has the lineage of the agent and the agent itself, is created now, and has none of the agent's events,
    /// todos and snapshots. All copies are made in one atomic step where they fit into one request; else each in one;
    /// where not even that fits, messages come first and the info last, so that what exists is whole.
    ///
    /// - Parameters:
    ///   - agent: whose; it may be forked any number of times.
    ///   - count: how many copies, 1 to 1000.
    ///   - options: how it is made safe; an idempotency key is not taken, since copies get new names.
    /// - Returns: the names of the copies.
    /// - Throws: `notFound` when the agent has no info; `invalid` for another count.
    public func batchFork(
        _ agent: String, count: Int, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> [String] {
        try await measured(.save) { () async throws(HoldfastError) in
            guard (1...1000).contains(count) else {
                throw HoldfastError(.invalid, "the count of forks is \(count), expected 1 to 1000")
            }
            guard options.idempotencyKey == nil else {
                throw HoldfastError(
                    .invalid, "a fork takes no idempotency key: each one makes agents with new names")
            }
            let source = try await parent(agent, CallOptions(timeout: options.timeout))
            let created = Timestamp(unixMilliseconds: store.edge.clock.unixMilliseconds)
            let copies = (0..<count).map { _ in
                AgentCopy(source, name: forkName(of: agent), createdAt: created.description)
            }
            try await write(copies, options)
            return copies.map(\.name)
        }
    }

    private func forkName(of agent: String) -> String {
        let digits = String(store.random.next(), radix: 16)
        return "\(agent)-fork-" + String(repeating: "0", count: 16 - digits.count) + digits
    }

    private func parent(_ agent: String, _ options: CallOptions) async throws(HoldfastError) -> AgentParent {
        guard let info = try await loadInfo(of: agent, options).content else {
            throw HoldfastError(.notFound, "there is no agent \"\(agent)\"")
        }
        return AgentParent(
            name: agent, info: info.json, messages: try await loadMessages(of: agent, options).map(\.json),
            calls: try await loadToolCallRecords(of: agent, options).elements)
    }

    private func write(_ copies: [AgentCopy], _ options: WriteOptions) async throws(HoldfastError) {
        var batch = Batch()
        for copy in copies { try copy.add(to: &batch, self) }
        let first = copies[0]
        if first.changeCount * copies.count <= RequestLimits.changeCountMax,
            first.byteCount * copies.count <= RequestLimits.byteCountMax
        {
            try await store.write(batch, options)
            return
        }
        for copy in copies {
            if copy.changeCount <= RequestLimits.changeCountMax, copy.byteCount <= RequestLimits.byteCountMax
            {
                var batch = Batch()
                try copy.add(to: &batch, self)
                try await store.write(batch, options)
            } else {
                try await write(inParts: copy, options)
            }
        }
    }

    private func write(inParts copy: AgentCopy, _ options: WriteOptions) async throws(HoldfastError) {
        let namespace = Place.messages.rawValue
        var rest = copy.source.messages[...]
        while !rest.isEmpty {
            var byteCount = 0
            let part = rest.prefix(RequestLimits.changeCountMax).prefix { message in
                byteCount += message.count
                return byteCount <= RequestLimits.byteCountMax
            }
            var batch = Batch()
            batch.append(part.map { .json($0) }, to: try key(copy.name), in: namespace)
            try await store.write(batch, options)
            rest = rest.dropFirst(part.count)
        }
        let register = try AgentRegister(self, .toolCalls, copy.name)
        var batch = Batch()
        var byteCount = 0
        for call in copy.source.calls {
            byteCount += call.json.count + call.id.utf8.count + 2
            if batch.count + 2 > RequestLimits.changeCountMax || byteCount > RequestLimits.byteCountMax {
                try await store.write(batch, options)
                batch = Batch()
                byteCount = call.json.count + call.id.utf8.count + 2
            }
            register.put(.json(call.json), at: call.id, replacing: nil, isRetryable: false, in: &batch)
        }
        if !batch.isEmpty { try await store.write(batch, options) }
        batch = Batch()
        batch.put(.json(copy.info), at: copy.name, in: Place.info.rawValue, if: .absent)
        try await store.write(batch, options)
    }
}

/// What is copied.
private struct AgentParent: Sendable {
    let name: String
    let info: Bytes
    let messages: [Bytes]
    let calls: [AgentToolCall]
}

/// One copy in the making.
private struct AgentCopy: Sendable {
    let source: AgentParent
    let name: String
    let info: Bytes

    init(_ source: AgentParent, name: String, createdAt: String) {
        self.source = source
        self.name = name
        info = Self.info(of: source, name: name, createdAt: createdAt)
    }

    var changeCount: Int { 1 + source.messages.count + 2 * source.calls.count }

    var byteCount: Int {
        info.count + source.messages.reduce(0) { $0 + $1.count }
            + source.calls.reduce(0) { $0 + $1.json.count + $1.id.utf8.count + 2 }
    }

    func add(to batch: inout Batch, _ agents: Agents) throws(HoldfastError) {
        batch.put(.json(info), at: name, in: Agents.Place.info.rawValue, if: .absent)
        if !source.messages.isEmpty {
            batch.append(
                source.messages.map { .json($0) }, to: try agents.key(name),
                in: Agents.Place.messages.rawValue)
        }
        let register = try AgentRegister(agents, .toolCalls, name)
        for call in source.calls {
            register.put(.json(call.json), at: call.id, replacing: nil, isRetryable: false, in: &batch)
        }
    }

    /// The parent's info with another name, a longer lineage and a new time; every other member as it stands.
    private static func info(of source: AgentParent, name: String, createdAt: String) -> Bytes {
        let node = try? JSONNode(source.info.array)
        let lineage = (node?["lineage"]?.elements ?? []).map { Array($0.bytes) }
        var writer = JSONWriter()
        writer.object { object in
            object.member("agentId", name)
            for (member, value) in node?.members ?? []
            where !["agentId", "lineage", "createdAt"].contains(member) {
                object.member(member, json: value.bytes)
            }
            object.member("createdAt", createdAt)
            object.member("lineage") { value in
                value.array { array in
                    for ancestor in lineage { array.value(json: ancestor) }
                    array.value(source.name)
                }
            }
        }
        return Bytes(writer.bytes)
    }
}
