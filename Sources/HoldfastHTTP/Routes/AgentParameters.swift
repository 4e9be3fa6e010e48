internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

extension RouteParameter {
    static let agent = RouteParameter.path(
        "agent", "The name of an agent, 1 to 1024 bytes of UTF-8 without NUL, percent-encoded.")
    static let toolCall = RouteParameter.path("call", "The id of a tool call, percent-encoded.")
    static let snapshot = RouteParameter.path("snapshot", "The id of a snapshot, percent-encoded.")
    static let agentID = RouteParameter.query("agentId", .text, "Of this agent.", fallback: "all agents")
    static let offset = RouteParameter.query(
        "offset", .integer, "How many to leave out, 0 to 100000, with and without a limit.", fallback: "0",
        bounds: 0...100_000)
    static let offsetCursor = RouteParameter.query(
        "cursor", .text, "The `next` of the page before; stands for an offset.")
    static let entryOrder = RouteParameter.query(
        "order", .choice(["latest", "ascending", "descending"]),
        "Oldest first, newest first, or the latest, oldest of them first.", fallback: "latest")

    /// The bounds of a time.
    static let period: [RouteParameter] = [
        .query("createdAfter", .text, "Later than this: an RFC 3339 time, or Unix milliseconds."),
        .query("createdBefore", .text, "Earlier than this."),
        .query("startDate", .text, "Not earlier than this."),
        .query("endDate", .text, "Not later than this."),
    ]
}

extension Call {
    /// What agents keep, in what the caller may see of the store.
    var agents: Agents { store.agents() }

    /// The agent of the path.
    var agent: String { self["agent"] }

    /// The bounds of a time in the query.
    ///
    /// - Throws: `invalid` for what is no time.
    func period() throws(HoldfastError) -> AgentPeriod {
        AgentPeriod(
            createdAfter: try bound("createdAfter"), createdBefore: try bound("createdBefore"),
            startDate: try bound("startDate"), endDate: try bound("endDate"))
    }

    private func bound(_ name: String) throws(HoldfastError) -> Timestamp? {
        guard let text = query[name] else { return nil }
        if let milliseconds = Int64(text) { return Timestamp(unixMilliseconds: milliseconds) }
        guard let time = Timestamp(text) else {
            throw HoldfastError(
                .invalid,
                "\(name) is \"\(text.prefix(80))\", expected a time such as 2026-01-02T03:04:05Z, or Unix milliseconds"
            )
        }
        return time
    }

    /// The elements of the body, which is an array.
    ///
    /// - Throws: `invalid` for another JSON value, and for what is no JSON.
    func wholeList() throws(HoldfastError) -> [Bytes] {
        let node = try bodyNode()
        guard node.kind == .array else {
            throw HoldfastError(.invalid, "the body is no JSON array, expected the whole list")
        }
        return elements(of: node)
    }

    /// The offset in the query: as a number, or as the cursor that a page gave.
    ///
    /// - Throws: `invalid` for a cursor that is none.
    func offset() throws(HoldfastError) -> Int {
        guard let cursor = query["cursor"] else { return query.integer("offset") ?? 0 }
        guard let offset = Int(cursor) else {
            throw HoldfastError(.invalid, "cursor is \"\(cursor.prefix(80))\", expected the next of a page")
        }
        return offset
    }

    /// A flag of the query, or nothing where it is not given.
    func choice(_ name: String) -> Bool? { query[name] == nil ? nil : query.flag(name) }
}
