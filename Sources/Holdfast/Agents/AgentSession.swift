public import HoldfastModel
internal import HoldfastSupport

/// One agent, summed up.
public struct AgentSession: Hashable, Sendable {
    /// Its name.
    public let agentID: String
    /// Of its info.
    public let templateID: String
    /// As its info has it.
    public let createdAt: String
    /// When info or messages were written last.
    public let updatedAt: Timestamp
    /// Counted, not taken from the info.
    public let messageCount: Int
    /// As its info has it; -1 where that has none.
    public let lastSfpIndex: Int64
    /// As its info has it.
    public let breakpoint: String?
    /// The info, byte for byte as it came.
    public let json: Bytes

    init(_ info: Document, _ tally: MessageTally?) {
        let node = try? JSONNode(info.bytes.array)
        agentID = info.key
        templateID = node?["templateId"]?.string ?? ""
        createdAt = node?["createdAt"]?.string ?? ""
        updatedAt = max(info.writtenAt, tally?.changedAt ?? info.writtenAt)
        messageCount = tally?.count ?? 0
        lastSfpIndex = node?["lastSfpIndex"]?.integer ?? -1
        breakpoint = node?["breakpoint"]?.string
        json = info.bytes
    }
}

/// How many messages an agent has, and when one of them was written last.
struct MessageTally: Hashable, Sendable {
    var count = 0
    var changedAt: Timestamp?

    mutating func add(count: Int, changedAt time: Timestamp?) {
        self.count += count
        if let time { changedAt = max(changedAt ?? time, time) }
    }
}
