internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

extension RouteParameter {
    static let session = RouteParameter.path(
        "session", "The name of a session, 1 to 1024 bytes of UTF-8 without NUL, percent-encoded.")
    static let message = RouteParameter.path(
        "message", "The id of a message, 32 hexadecimal digits.",
        pattern: "^[0-9a-fA-F]{32}$")
    static let namePrefix = RouteParameter.query("prefix", .text, "Only names that begin so.")
    static let messageOrder = RouteParameter.query(
        "order", .choice(["latest", "ascending", "descending"]),
        "Oldest first, newest first, or the latest, oldest of them first.", fallback: "latest")
    static let after = RouteParameter.query("after", .version, "Only messages after the one with this id.")
    static let before = RouteParameter.query("before", .version, "Only messages before the one with this id.")

    /// What decides about messages that are appended.
    static let appending: [RouteParameter] =
        [
            .query(
                "sameRole", .choice(AppendPolicy.SameRole.allCases.map(\.rawValue)),
                "What becomes of a message whose role is that of the message before it.", fallback: "allow"),
            .query(
                "ttl", .seconds, "After how many seconds what is written goes by itself."),
        ] + trimming

    /// What stays of a history.
    static let trimming: [RouteParameter] = [
        .query(
            "keep", .text,
            "What stays of the history: exact, even_pairs or tool_pair_safe and a number of messages, bytes and a number of bytes, age and a number of seconds; such as tool_pair_safe:100.",
            fallback: "everything"),
        .query(
            "disposal", .choice(Trimming.Disposal.allCases.map(\.rawValue)),
            "What becomes of what does not stay.", fallback: "drop"),
    ]
}

extension Call {
    /// The order in which messages are asked for.
    var messageOrder: ListRange.Order {
        switch query["order"] {
        case "ascending": .ascending
        case "descending": .descending
        default: .latest
        }
    }

    /// The page of messages that is asked for.
    ///
    /// - Throws: `invalid` for a cursor that is none.
    func messageRange(_ fallback: ListRange.Order = .latest) throws(HoldfastError) -> ListRange {
        let order = query["order"] == nil ? fallback : messageOrder
        var range = ListRange(
            order, after: query.version("after"), before: query.version("before"),
            limit: query.integer("limit"))
        guard let cursor = query["cursor"] else { return range }
        guard let id = Version(cursor) else {
            throw HoldfastError(.invalid, "cursor is \"\(cursor.prefix(80))\", expected the next of a page")
        }
        if order == .ascending { range.after = id } else { range.before = id }
        return range
    }

    /// The id of a message in the path.
    ///
    /// - Throws: `invalid` for one that is none.
    func messageID() throws(HoldfastError) -> Version {
        let text = self["message"]
        guard let id = Version(text) else {
            throw HoldfastError(
                .invalid, "the id of the message is \"\(text.prefix(80))\", expected 32 hexadecimal digits")
        }
        return id
    }

    /// The messages of the body: one JSON value, or an array of them, byte for byte.
    ///
    /// - Throws: `invalid` for what is not JSON.
    func messages() throws(HoldfastError) -> [Bytes] {
        let bytes = body.bytes
        if let elements = try BodyObject.elements(of: bytes) { return elements }
        do throws(JSONDamage) {
            try bytes.withSpan { text throws(JSONDamage) in try JSONSyntax.check(text) }
        } catch {
            throw BodyObject.refusal(of: error)
        }
        return [bytes]
    }

    /// The elements of an array in the body, byte for byte.
    func elements(of node: JSONNode) -> [Bytes] {
        let bytes = body.bytes
        return node.elements.map { bytes[$0.offset..<$0.offset + $0.bytes.count] }
    }

    /// The JSON of the body.
    ///
    /// - Throws: `invalid` for what is not JSON.
    func bodyNode() throws(HoldfastError) -> JSONNode {
        do throws(JSONDamage) {
            return try JSONNode(body.bytes.array)
        } catch {
            throw BodyObject.refusal(of: error)
        }
    }

    /// The policy of an append.
    ///
    /// - Throws: `invalid` for a bound that is none.
    func appendPolicy() throws(HoldfastError) -> AppendPolicy {
        AppendPolicy(
            sameRole: query["sameRole"].flatMap { AppendPolicy.SameRole(rawValue: $0) } ?? .allow,
            trimming: try trimming(), expiry: query.seconds("ttl").map { .after($0) })
    }

    /// What stays of a history, if anything is said of that.
    ///
    /// - Throws: `invalid` for a bound that is none.
    func trimming() throws(HoldfastError) -> Trimming? {
        guard let text = query["keep"] else { return nil }
        let disposal = query["disposal"].flatMap { Trimming.Disposal(rawValue: $0) } ?? .drop
        return Trimming(to: try Trimming.Bound(text), disposal)
    }
}

extension Trimming.Bound {
    /// Reads a bound: `exact:100`, `even_pairs:100`, `tool_pair_safe:100`, `bytes:65536`, `age:3600`.
    ///
    /// - Throws: `invalid`, saying what would be right.
    init(_ text: String) throws(HoldfastError) {
        let parts = text.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        if parts.count == 2, parts[0] == "age", let age = RouteParameter.seconds(String(parts[1])) {
            self = .age(age)
            return
        }
        guard parts.count == 2, let count = Int(parts[1]) else { throw Self.invalid(text) }
        switch parts[0] {
        case "exact": self = .exact(count)
        case "even_pairs": self = .evenPairs(count)
        case "tool_pair_safe": self = .toolPairSafe(count)
        case "bytes": self = .bytes(count)
        default: throw Self.invalid(text)
        }
    }

    private static func invalid(_ text: String) -> HoldfastError {
        HoldfastError(
            .invalid,
            "keep is \"\(text.prefix(80))\", expected exact, even_pairs, tool_pair_safe, bytes or age, a colon and a number, such as tool_pair_safe:100"
        )
    }
}
