public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Agents {
    /// Saves a snapshot, whether or not there is one of that name.
    ///
    /// Messages that are the first of the agent's are not copied: the snapshot names how many it has, and keeps them when
    /// the agent's own are changed later.
    ///
    /// - Parameters:
    ///   - snapshot: a JSON object with an `id`, and mostly an array `messages`.
    ///   - agent: whose.
    ///   - condition: what must hold of the snapshot that is there.
    ///   - options: how it is made safe.
    /// - Returns: a receipt whose ``Receipt/id`` is the snapshot's version.
    /// - Throws: `conflict`, with the stored version, when the condition does not hold; `invalid` for what is no snapshot.
    @discardableResult
    public func saveSnapshot(
        _ snapshot: Bytes, of agent: String, if condition: Condition? = nil,
        _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await measured(.save) { () async throws(HoldfastError) in
            let shape = try AgentShape(snapshot, as: "the snapshot")
            let id = try shape.name("id", such: "sfp-4")
            let text = try SnapshotText(shape, snapshot)
            return try await retrying(unless: condition) { () async throws(HoldfastError) in
                let batch = try await batch(
                    saving: snapshot, text, as: id, of: agent, if: condition, options)
                return try await store.write(batch, options).receipt(ofStep: 0)
            }
        }
    }

    private func batch(
        saving snapshot: Bytes, _ text: SnapshotText, as id: String, of agent: String,
        if condition: Condition?, _ options: WriteOptions
    ) async throws(HoldfastError) -> Batch {
        let calls = CallOptions(timeout: options.timeout)
        let register = try AgentRegister(self, .snapshots, agent)
        let stored = try await register.get([id], calls)[0]?.version
        try Self.check(condition, holdsFor: stored, "snapshot \"\(id)\"")
        let history = try await history(of: agent, limit: text.messages.count, calls)
        var head = history.head
        var value = snapshot
        head.snapshots[Bytes(id)] = nil
        if let bare = text.bare, !text.messages.isEmpty, history.items.map(\.bytes) == text.messages {
            head.snapshots[Bytes(id)] = [
                MessageHead.Part(archive: 0, count: text.messages.count, last: history.lastID)
            ]
            value = bare
        }
        var batch = Batch()
        register.put(.json(value), at: id, replacing: stored, isRetryable: true, in: &batch)
        // Always, so that a snapshot is as many changes when it is sent again.
        batch.put(
            .json(head.json), at: try key(agent), in: Place.archives.rawValue, if: history.condition)
        return batch
    }

    /// Reads a snapshot; nothing where there is none.
    public func loadSnapshot(
        _ id: String, of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<AgentSnapshot?> {
        try await measured(.load) { () async throws(HoldfastError) in
            let register = try AgentRegister(self, .snapshots, agent)
            let answer = try await register.documents.get([register.key(of: id)], options)
            let snapshots = try await snapshots(register, [id], options)
            return Answer(
                snapshots.first, source: answer.source, degradations: answer.degradations)
        }
    }

    /// Reads every snapshot of an agent with its messages, newest first; none where there is none.
    ///
    /// One that is damaged says so itself; the others are there.
    public func listSnapshots(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentSnapshot, Cursor> {
        try await measured(.load) { () async throws(HoldfastError) in
            let register = try AgentRegister(self, .snapshots, agent)
            let contents = try await register.contents(options)
            let names = contents.entries.reversed().map(\.name)
            return Page(
                try await snapshots(register, names, options), next: nil, source: contents.source,
                degradations: contents.degradations)
        }
    }

    /// Sums up every snapshot of an agent, newest first, without reading messages that it shares with the agent.
    public func snapshotSummaries(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentSnapshotSummary, Cursor> {
        try await measured(.load) { () async throws(HoldfastError) in
            let register = try AgentRegister(self, .snapshots, agent)
            let contents = try await register.contents(options)
            let names = contents.entries.reversed().map(\.name)
            let documents = try await register.get(names, options)
            let (head, _) = try await head(of: agent, options)
            var summaries: [AgentSnapshotSummary] = []
            for (name, document) in zip(names, documents) {
                guard let document else { continue }
                let node = try? JSONNode(document.bytes.array)
                let count = head.snapshots[Bytes(name)].map { $0.reduce(0) { $0 + $1.count } }
                summaries.append(
                    AgentSnapshotSummary(
                        agentID: agent, id: name, version: document.version,
                        messageCount: count ?? node?["messages"]?.elements.count ?? 0,
                        lastSfpIndex: node?["lastSfpIndex"]?.integer, createdAt: node?["createdAt"]?.string))
            }
            return Page(
                summaries, next: nil, source: contents.source, degradations: contents.degradations)
        }
    }
}

extension Agents {
    /// Reads snapshots with the messages that they name.
    ///
    /// The head is read before and after: where it changed meanwhile, messages may have moved, and all is read again.
    private func snapshots(
        _ register: AgentRegister, _ names: [String], _ options: CallOptions
    ) async throws(HoldfastError) -> [AgentSnapshot] {
        var attempt = 1
        while true {
            let (head, version) = try await head(of: register.agent, options)
            let documents = try await register.get(names, options)
            var lists = SharedMessages(agents: self, agent: register.agent)
            try await lists.read(names.compactMap { head.snapshots[Bytes($0)] }.flatMap(\.self), options)
            let after = try await self.head(of: register.agent, options).1
            guard after != version, attempt < Self.attemptCountMax else {
                return zip(names, documents).compactMap { name, document in
                    document.map { lists.snapshot(name, $0, head.snapshots[Bytes(name)]) }
                }
            }
            attempt += 1
        }
    }
}

/// The messages that several snapshots name, each read once.
private struct SharedMessages {
    let agents: Agents
    let agent: String
    /// By archive, zero for the agent's own list.
    private var lists: [Int: [Item]] = [:]

    init(agents: Agents, agent: String) {
        self.agents = agents
        self.agent = agent
    }

    mutating func read(
        _ parts: [MessageHead.Part], _ options: CallOptions
    ) async throws(HoldfastError) {
        var counts: [Int: Int] = [:]
        for part in parts { counts[part.archive] = max(counts[part.archive] ?? 0, part.count) }
        for (archive, count) in counts {
            let key = archive == 0 ? try agents.key(agent) : Agents.archive(archive, of: agent)
            let place = archive == 0 ? Agents.Place.messages : .archives
            var items: [Item] = []
            let range = ListRange(.ascending, limit: count)
            for try await item in agents.lists(place).stream(of: key, range, options) {
                items.append(item)
            }
            lists[archive] = items
        }
    }

    func snapshot(_ name: String, _ document: Document, _ parts: [MessageHead.Part]?) -> AgentSnapshot {
        let content = Result { () throws(HoldfastError) in try json(name, document, parts) }
        return AgentSnapshot(agentID: agent, id: name, version: document.version, content: content)
    }

    private func json(
        _ name: String, _ document: Document, _ parts: [MessageHead.Part]?
    ) throws(HoldfastError) -> Bytes {
        guard let parts else {
            guard (try? JSONNode(document.bytes.array))?.kind == .object else {
                throw HoldfastError(.corrupt, "snapshot \"\(name)\" of agent \"\(agent)\" is no JSON object")
            }
            return document.bytes
        }
        var messages: [Bytes] = []
        for part in parts {
            let list = lists[part.archive] ?? []
            guard list.count >= part.count,
                part.archive > 0 || list[part.count - 1].id == part.last
            else {
                throw HoldfastError(
                    .corrupt,
                    "snapshot \"\(name)\" of agent \"\(agent)\" names messages that somebody else has removed"
                )
            }
            messages += list.prefix(part.count).map(\.bytes)
        }
        return try SnapshotText.text(document.bytes, with: messages)
    }
}
