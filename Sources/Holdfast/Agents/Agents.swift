internal import HoldfastModel

/// What agents keep: messages, tool calls, events, snapshots, and whatever else a run needs to be resumed.
///
/// Every value is the caller's JSON: the members that are used are checked, the bytes come back as they came. Names of
/// agents, tool calls and snapshots are data: any text of 1 to 1024 bytes of UTF-8 without NUL. Nothing needs to be made
/// first: messages may come before the agent's info. What this keeps in which namespace is in
/// docs/reference/agents.md.
public struct Agents: Sendable {
    let store: HistoryStore

    /// Where the parts of an agent are stored.
    enum Place: String, CaseIterable, Sendable {
        case info = "agents"
        case messages = "agent-messages"
        case toolCalls = "agent-tool-calls"
        case todos = "agent-todos"
        case events = "agent-events"
        case windows = "agent-windows"
        case compressions = "agent-compressions"
        case files = "agent-files"
        case media = "agent-media"
        case snapshots = "agent-snapshots"
        /// What snapshots still need of messages that were replaced, and which snapshot needs what.
        case archives = "agent-archives"
    }

    /// How often a write whose condition the caller did not set is decided anew.
    static let attemptCountMax = 8

    /// Decides and writes, and begins again where somebody else wrote in between, unless the caller set a condition.
    func retrying<Result: Sendable>(
        unless condition: Condition? = nil, _ write: () async throws(HoldfastError) -> Result
    ) async throws(HoldfastError) -> Result {
        var attempt = 1
        while true {
            do throws(HoldfastError) {
                return try await write()
            } catch {
                guard error.code == .conflict, condition == nil, attempt < Self.attemptCountMax else {
                    throw error
                }
                attempt += 1
            }
        }
    }

    func documents(_ place: Place) -> Documents { store.documents(place.rawValue) }
    func lists(_ place: Place) -> Lists { store.lists(place.rawValue) }

    /// The key of an agent's only document or list in a namespace other than that of infos.
    func key(_ agent: String) throws(HoldfastError) -> String {
        try Self.check(agent)
        return CompositeKey(agent).text
    }

    static func check(_ agent: String) throws(HoldfastError) {
        try Namespace.check(agent, as: "the name of the agent", byteCountMax: Limits.keyByteCountMax)
    }

    /// The agent whose key this is, or begins with.
    static func agent(of key: String) throws(HoldfastError) -> String {
        try CompositeKey.names(of: key).first ?? ""
    }
}

extension HistoryStore {
    /// What agents keep.
    public func agents() -> Agents { Agents(store: self) }
}
