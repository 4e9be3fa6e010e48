public import HoldfastModel
internal import HoldfastSupport

/// One run of an agent as it is stored.
public struct Run: Hashable, Sendable {
    /// Its `run_id`.
    public let id: String
    /// Changes with every save; what ``Condition/version(_:)`` takes.
    public let version: Version
    /// The JSON of the run, byte for byte as it was saved.
    public let json: Bytes
    /// When it goes, with its events; nothing is never.
    public let expiresAt: Timestamp?

    /// When it was saved last.
    public var savedAt: Timestamp { Timestamp(version) }

    init(_ document: Document) {
        id = document.key
        version = document.version
        json = document.bytes
        expiresAt = document.expiresAt
    }
}

/// Some of the runs that were asked for, newest first, and how many there are.
public struct RunPage: Hashable, Sendable {
    /// Newest first.
    public let runs: [Run]
    /// How many runs satisfy the filters, on all pages together; nothing when it was not asked for.
    public let total: Int?
    /// What asks for the next page, or nothing after the last.
    public let next: Cursor?
    /// The provider that answered, by its name in storage.yaml.
    public let source: String
    /// What the answer had to do without; empty when all is well.
    public let degradations: [Degradation]
}

/// What runs are found and sorted by: the members of a run that matter, and its place in time.
///
/// Kept as the one item of the list at the run's key, whose id is the place of the first save in the order of all runs
/// and never changes. The run itself is the document of that key, verbatim.
struct RunEntry: Hashable, Sendable {
    let id: String
    let agent: String
    let session: String?
    let status: String?
    /// The run's own `created_at`, or nothing.
    let created: Timestamp?

    init(_ json: Bytes) throws(HoldfastError) {
        let members = try JSONMembers(json, as: "the run")
        id = try members.text("run_id")
        agent = try members.text("agent_name")
        session = try members.optionalText("session_id")
        status = try members.optionalText("status")
        created = try members.optionalTime("created_at")
    }

    /// The text of the item.
    func json(created: Timestamp, lifetime: Duration?) -> Bytes {
        var writer = JSONWriter()
        writer.object { object in
            object.member("created", created.unixMilliseconds)
            object.member("agent_name", agent)
            object.member("session_id", session)
            object.member("status", status)
            object.member("ttl", lifetime.map { Int64(clamping: $0.wholeMilliseconds) })
        }
        return Bytes(writer.bytes)
    }

    /// What the item of an earlier save says of time.
    static func times(in json: Bytes) -> (created: Timestamp?, lifetime: Duration?) {
        guard let node = try? JSONNode(json.array) else { return (nil, nil) }
        return (
            node["created"]?.integer.map { Timestamp(unixMilliseconds: $0) },
            node["ttl"]?.integer.map { .milliseconds($0) }
        )
    }
}

extension Duration {
    /// The milliseconds, a part of one counted as a whole; beyond 64 bits, the highest number there is.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
        let (sum, isTooLate) = whole.addingReportingOverflow(
            (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
        return isTooLong || isTooLate ? .max : sum
    }
}
