internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

extension JSONBody {
    /// Writes one thing of many that an agent keeps.
    mutating func value(_ entry: AgentEntry) {
        object { body in
            body.member("agent", entry.agentID)
            body.stamp(hex: entry.id, entry.version, entry.time, editedAt: entry.editedAt)
            body.member("value", json: entry.json)
        }
    }

    /// Writes an event.
    mutating func value(_ event: AgentEvent) {
        object { body in
            body.member("agent", event.agentID)
            body.member("id", hex: event.id)
            body.member("time", event.time)
            body.member("seq", event.sequence)
            body.member("channel", event.channel)
            body.member("value", json: event.json)
        }
    }

    /// Writes a tool call, with the names that the documentation of Kode gives its parts.
    mutating func value(_ call: AgentToolCall) {
        object { body in
            body.member("agent", call.agentID)
            body.member("toolCallId", call.toolCallId)
            body.member("toolName", call.toolName)
            body.member("state", call.state)
            body.member("isError", call.isError)
            body.member("hasApproval", call.hasApproval)
            body.member("version", hex: call.version)
            body.member("time", call.time)
            if let output = call.output { body.member("output", json: output) }
            body.member("value", json: call.json)
        }
    }

    /// Writes a session: an agent, summed up.
    mutating func value(_ session: AgentSession) {
        object { body in
            body.member("agentId", session.agentID)
            body.member("templateId", session.templateID)
            body.member("createdAt", session.createdAt)
            body.member("updatedAt", session.updatedAt)
            body.member("messageCount", session.messageCount)
            body.member("lastSfpIndex", session.lastSfpIndex)
            body.member("breakpoint", session.breakpoint)
            body.member("value", json: session.json)
        }
    }

    /// Writes a snapshot, or why it cannot be had.
    mutating func value(_ snapshot: AgentSnapshot) {
        object { body in
            body.stamp(snapshot.id, snapshot.version, snapshot.time)
            switch snapshot.content {
            case .success(let json): body.member("value", json: json)
            case .failure(let error): body.member("error", error.message)
            }
        }
    }

    /// Writes a snapshot without its messages.
    mutating func value(_ summary: AgentSnapshotSummary) {
        object { body in
            body.stamp(summary.id, summary.version, summary.time)
            body.member("messageCount", summary.messageCount)
            body.member("lastSfpIndex", summary.lastSfpIndex)
            body.member("createdAt", summary.createdAt)
        }
    }

    /// Writes figures of an agent.
    mutating func value(_ statistics: AgentStatistics) {
        object { body in
            body.member("totalMessages", statistics.totalMessages)
            body.member("totalToolCalls", statistics.totalToolCalls)
            body.member("totalSnapshots", statistics.totalSnapshots)
            body.member("avgMessagesPerSession", statistics.avgMessagesPerSession)
            body.name("toolCallsByName")
            body.value(counts: statistics.toolCallsByName)
            body.name("toolCallsByState")
            body.value(counts: statistics.toolCallsByState.byState)
            body.name("successRate")
            if let rate = statistics.successRate { body.value(json: Bytes("\(rate)")) } else { body.null() }
        }
    }

    private mutating func stamp(_ name: String, _ version: Version, _ time: Timestamp) {
        member("id", name)
        member("version", hex: version)
        member("time", time)
    }

    private mutating func value(counts: [String: Int]) {
        var writer = JSONCounts()
        for (name, count) in counts.sorted(by: { $0.key < $1.key }) { writer.add(name, count) }
        value(json: writer.json)
    }

    /// Writes a number of milliseconds, or `null`.
    mutating func value(milliseconds duration: Duration?) {
        guard let duration else { return null() }
        value(json: Bytes("\(duration / .milliseconds(1))"))
    }
}

extension Reply {
    /// A page whose elements say themselves what they are.
    static func agentPage<Next>(
        _ page: Page<AgentEntry, Next>, next: String?
    ) -> Reply {
        .page(page, next: next, byteCount: { $0.json.count + 200 }) { body, entry in body.value(entry) }
    }

    /// The version of what was written, which is its tag as well.
    static func written(_ receipt: Receipt) -> Reply {
        var reply = version(receipt)
        reply.note(tag: receipt.id)
        return reply
    }
}
