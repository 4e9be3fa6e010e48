public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// When an agent last showed that it was alive.
public struct Heartbeat: Hashable, Sendable {
    /// The agent.
    public let agent: String
    /// What the agent said: seconds since 1970 on its own clock.
    public let lastPingPongTime: Double
    /// When it was written, on the clock that orders all writes.
    public let writtenAt: Timestamp

    init(_ document: Document) throws(HoldfastError) {
        let members: JSONMembers
        do {
            members = try JSONMembers(document.bytes, as: "the heartbeat of \"\(document.key)\"")
        } catch {
            throw HoldfastError(.corrupt, error.message)
        }
        guard let time = members["last_ping_pong_time"]?.double else {
            throw HoldfastError(.corrupt, "the heartbeat of \"\(document.key)\" has no time")
        }
        agent = document.key
        lastPingPongTime = time
        writtenAt = document.writtenAt
    }
}

extension Threads {
    /// Writes the heartbeat of an agent, in place of the one before.
    ///
    /// - Parameters:
    ///   - agent: who is alive.
    ///   - time: when it was last heard of, in seconds since 1970.
    ///   - options: how it is made safe.
    /// - Returns: a receipt.
    /// - Throws: `invalid` for a time that is no number.
    @discardableResult
    public func beat(
        _ agent: String, lastPingPongTime time: Double, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        guard time.isFinite else {
            throw HoldfastError(.invalid, "the time of the heartbeat is \(time), expected seconds since 1970")
        }
        var writer = JSONWriter()
        writer.object { $0.member("last_ping_pong_time", time) }
        return try await store.documents(Self.heartbeatNamespace).put(
            .json(Bytes(writer.bytes)), at: agent, options)
    }

    /// Reads the heartbeat of an agent; nothing where there never was one.
    public func heartbeat(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<Heartbeat?> {
        try await store.documents(Self.heartbeatNamespace).find(agent, options).mapContent {
            document throws(HoldfastError) in
            try document.map { document throws(HoldfastError) in try Heartbeat(document) }
        }
    }

    /// Lists the heartbeats of agents, by the names of the agents.
    public func heartbeats(
        limit: Int? = nil, after cursor: Cursor? = nil, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Heartbeat, Cursor> {
        try await store.documents(Self.heartbeatNamespace).scan(limit: limit, after: cursor, options)
            .mapPage { document throws(HoldfastError) in try Heartbeat(document) }
    }
}
