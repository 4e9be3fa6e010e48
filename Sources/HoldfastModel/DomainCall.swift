/// A whole operation of the domain, asked of a provider that answers it by itself.
///
/// What it means is said twice: by its arguments, and by the queries that the host asks where nobody answers it whole. The
/// answer to the one is the answer to the others, see `docs/reference/operations.md`.
public struct DomainCall: Hashable, Sendable {
    /// One of the queries that an operation stands for.
    public struct Part: Hashable, Sendable {
        /// How its answer relates to that of the query.
        public enum Rule: Hashable, Sendable {
            /// They are the same.
            case whole
            /// The records that the query keeps, at most as many as its limit, in an order of the operation's.
            case anyOrder
            /// Each record that the query keeps whose key is that of a record of another part, however many, by key and id.
            case ofRecords(in: Int)
            /// Nothing: the operation only looks there.
            case none
            /// Rows of the operation's own, at most as many as the query's limit.
            case rows
        }

        /// What it is called, unique in its operation; rows have it as their key.
        public var name: String
        /// JSON text of the language of `docs/reference/queries.md`.
        public var query: Bytes
        /// See ``Rule-swift.enum``.
        public var rule: Rule

        /// Makes a part.
        public init(_ name: String, _ query: Bytes, _ rule: Rule = .whole) {
            self.name = name
            self.query = query
            self.rule = rule
        }
    }

    /// What it is called, such as `aggregate_stats`.
    public var operation: String
    /// JSON text of an object: what the caller asked for, by the names of the API.
    public var arguments: Bytes
    /// At least one; those that are answered with records are each about other records: of another namespace, or items where
    /// another is about documents.
    public var parts: [Part]

    /// Makes a call.
    public init(_ operation: String, arguments: Bytes, parts: [Part]) {
        self.operation = operation
        self.arguments = arguments
        self.parts = parts
    }

    /// The most records and rows of an answer, all parts together; a provider that has more leaves the call to the host.
    public static let recordCountMax = 1 << 20
    /// The most bytes of an answer, all parts together; likewise.
    public static let byteCountMax = 256 << 20
    /// The most operations that a provider may name, and the most bytes of a name.
    public static let operationCountMax = 256
    /// See ``operationCountMax``.
    public static let nameByteCountMax = 64
}
