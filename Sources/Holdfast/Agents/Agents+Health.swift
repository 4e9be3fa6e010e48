public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Agents {
    private static let probeNamespace = "agent-health"

    private var now: Timestamp { Timestamp(unixMilliseconds: store.edge.clock.unixMilliseconds) }

    /// Writes something, reads it back and removes it.
    ///
    /// - Parameter options: how long each step of it may take.
    /// - Returns: what worked; what failed is part of the answer, never thrown.
    public func healthCheck(_ options: CallOptions = CallOptions()) async -> AgentHealth {
        let clock = store.edge.clock
        let start = clock.monotonicNanoseconds
        var isConnected = false
        var isWritable = false
        var problem: String?
        do throws(HoldfastError) {
            // A name of its own, so that two checks do not meet; gone by itself if the removal fails.
            let key = String(store.random.next(), radix: 16)
            let probes = store.documents(Self.probeNamespace)
            let write = WriteOptions(timeout: options.timeout)
            try await probes.put(.json("true", expiry: .after(.seconds(600))), at: key, write)
            isConnected = try await probes.get(key, options).bytes == "true"
            try await probes.delete(key, write)
            isWritable = true
        } catch {
            problem = error.description
        }
        let latency = Duration.nanoseconds(clock.monotonicNanoseconds - start)
        let status = await store.status()
        // A write that is refused says nothing about reads.
        if problem != nil, !isConnected { isConnected = status.isReadable }
        return AgentHealth(
            isHealthy: isConnected && isWritable && status.members.allSatisfy { $0.state == "up" },
            isConnected: isConnected, isWritable: isWritable, latency: problem == nil ? latency : nil,
            problem: problem, backend: status, checkedAt: now)
    }

    /// Says how much was done and how much is stored.
    ///
    /// - Parameter options: how long each step of it may take.
    /// - Returns: real figures: those of this process, and counts of the store.
    /// - Throws: `unavailable` when nobody can count.
    public func getMetrics(
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> AgentMetrics {
        let tally = store.agentMeter.tally
        let count = tally.counts.values.reduce(0, +)
        let request = DomainRequest(.agentMetrics)
        let parts = [
            DomainCall.Part("agents", try documents(.info).question(Selection()).count),
            DomainCall.Part("messages", try lists(.messages).question(Selection()).count),
            DomainCall.Part("toolCalls", try documents(.toolCalls).question(Selection()).count),
        ]
        let answer = try await store.answer(request, parts, options)
        let sizes = await store.status().members.compactMap { member in
            member.role == "log" ? nil : member.figures["bytes"]
        }
        return AgentMetrics(
            saves: tally.counts[.save] ?? 0, loads: tally.counts[.load] ?? 0,
            queries: tally.counts[.query] ?? 0, deletes: tally.counts[.delete] ?? 0,
            averageLatency: count == 0 ? nil : .nanoseconds(tally.total / Int64(count)),
            minimumLatency: tally.lowest.map { .nanoseconds($0) },
            maximumLatency: tally.highest.map { .nanoseconds($0) },
            totalAgents: try request.count(0, of: answer), totalMessages: try request.count(1, of: answer),
            totalToolCalls: try request.count(2, of: answer),
            databaseByteCount: sizes.first.map { Int($0) }, collectedAt: now)
    }

    /// Looks whether what is stored of an agent fits together.
    ///
    /// - Parameters:
    ///   - agent: whose.
    ///   - options: how long each step of it may take.
    /// - Returns: what does not fit; nothing is changed.
    /// - Throws: `unavailable` when it cannot be read; `corrupt` as the backend says.
    public func checkConsistency(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> AgentConsistency {
        try await measured(.query) { () async throws(HoldfastError) in
            var issues: [String] = []
            let info = try await loadInfo(of: agent, options).content
            let messages = try await loadMessages(of: agent, options)
            issues += Self.issues(info: info, of: agent, messageCount: messages.count)
            for message in messages
            where (try? JSONNode(message.json.array))?["role"]?.string?.isEmpty ?? true {
                issues.append("message \(message.id) has no role")
            }
            for place in [Place.toolCalls, .snapshots] {
                issues += try await self.issues(register: try AgentRegister(self, place, agent), options)
            }
            for record in try await loadToolCallRecords(of: agent, options) {
                let stored = (try? JSONNode(record.json.array))?["id"]?.string
                let isSame = stored?.isSameBytes(as: record.id) == true
                if !isSame { issues.append("tool call \"\(record.id)\" has another id inside") }
                if record.name.isEmpty { issues.append("tool call \"\(record.id)\" has no name") }
            }
            for snapshot in try await listSnapshots(of: agent, options) {
                if case .failure(let error) = snapshot.content { issues.append(error.message) }
            }
            return AgentConsistency(issues: issues, checkedAt: now)
        }
    }

    private static func issues(info: AgentDocument?, of agent: String, messageCount: Int) -> [String] {
        guard let info else { return messageCount == 0 ? [] : ["there are messages and no info"] }
        let node = try? JSONNode(info.json.array)
        var issues: [String] = []
        if node?["agentId"]?.string?.isSameBytes(as: agent) != true {
            issues.append("the info is of another agent")
        }
        if let said = node?["messageCount"]?.integer, said != messageCount {
            issues.append("the info says \(said) messages, \(messageCount) are there")
        }
        return issues
    }

    /// Whether each name has its document, and each document its name.
    private func issues(
        register: AgentRegister, _ options: CallOptions
    ) async throws(HoldfastError) -> [String] {
        let names = try await register.contents(options).entries.map { Bytes($0.name) }
        var found: Set<Bytes> = []
        let scan = Scan(prefix: try prefix(register.agent), keysOnly: true)
        for try await document in register.documents.stream(scan, options) {
            guard let names = CompositeKey.names(of: document.key, count: 2) else { continue }
            found.insert(Bytes(names[1]))
        }
        let noun = register.place == .toolCalls ? "tool call" : "snapshot"
        return names.filter { !found.contains($0) }.map { "\(noun) \"\($0)\" is listed and not there" }
            + found.subtracting(names).sorted().map { "\(noun) \"\($0)\" is there and not listed" }
    }
}
