public import HoldfastModel
internal import HoldfastSupport

/// One event of an agent: something that happened, numbered by who saw it happen.
public struct AgentEvent: Hashable, Sendable {
    /// Whose it is.
    public let agentID: String
    /// Its place in the order of arrival; what a follower goes on after.
    public let id: Version
    /// The number in its bookmark: what a reader of events goes on after.
    public let sequence: Int64
    /// Where it was emitted, such as `progress`, `control` or `monitor`.
    public let channel: String
    /// The whole timeline entry, byte for byte as it came.
    public let json: Bytes

    /// When it was appended.
    public var time: Timestamp { Timestamp(id) }

    /// Reads what was stored.
    ///
    /// - Throws: `corrupt` for an item that is no event.
    init(_ item: Item) throws(HoldfastError) {
        guard let node = try? JSONNode(item.bytes.array),
            let sequence = node["bookmark"]?["seq"]?.integer, let channel = node["event"]?["channel"]?.string
        else { throw HoldfastError(.corrupt, "item \(item.id) at \"\(item.key)\" is no event of an agent") }
        agentID = try Agents.agent(of: item.key)
        id = item.id
        self.sequence = sequence
        self.channel = channel
        json = item.bytes
    }

    /// Checks what somebody wants to append.
    static func check(_ json: Bytes, as noun: String) throws(HoldfastError) {
        let shape = try AgentShape(json, as: noun)
        let bookmark = try shape.object("bookmark", with: #"{"seq":118,"timestamp":1767325200456}"#)
        guard let sequence = bookmark["seq"]?.integer, sequence >= 0 else {
            throw shape.wrong("bookmark", #"one with a whole "seq", such as {"seq":118}"#)
        }
        let event = try shape.object("event", with: #"{"channel":"progress","type":"done"}"#)
        guard let channel = event["channel"]?.string, !channel.isEmpty else {
            throw shape.wrong("event", #"one with a "channel", such as "progress""#)
        }
    }
}
