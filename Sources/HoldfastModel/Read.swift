/// A question about one address: its document, or a page of its list.
public struct ReadRequest: Hashable, Sendable {
    /// A page of a list.
    public struct Range: Hashable, Sendable {
        /// Exclusive; zero is open.
        public var after: Version
        /// Exclusive; zero is open.
        public var before: Version
        /// At most so many items; 0 is none, `UInt64.max` all.
        public var limit: UInt64
        /// Newest first, so that a limit keeps the latest.
        public var reversed: Bool

        /// Makes a page.
        public init(
            after: Version = .zero, before: Version = .zero, limit: UInt64 = .max, reversed: Bool = false
        ) {
            self.after = after
            self.before = before
            self.limit = limit
            self.reversed = reversed
        }

        /// Whether an id lies between the bounds.
        public func contains(_ id: Version) -> Bool { id > after && (before.isZero || id < before) }
    }

    /// Where to read.
    public var address: Address
    /// The page of the list, or nothing for the document.
    public var range: Range?

    /// Asks for a document, or with a range for a page of a list.
    public init(_ address: Address, range: Range? = nil) {
        self.address = address
        self.range = range
    }
}

/// An equality scan of one namespace, in (key, id) order.
public struct Query: Hashable, Sendable {
    /// A top-level member of the JSON value that equals a scalar.
    public struct Match: Hashable, Sendable {
        /// The name of the member.
        public var field: String
        /// The scalar as JSON text, such as `"user"`, `3` or `null`.
        public var json: Bytes

        /// Makes a match.
        public init(field: String, json: Bytes) {
            self.field = field
            self.json = json
        }
    }

    /// What a scan looks at.
    public struct Scope: OptionSet, Hashable, Sendable {
        /// The bits, those of `HF_QUERY_…` in `holdfast_provider.h`.
        public let rawValue: UInt32

        /// Makes a scope of its bits.
        public init(rawValue: UInt32) { self.rawValue = rawValue }

        /// Documents.
        public static let documents = Scope(rawValue: 1 << 0)
        /// Items of lists.
        public static let items = Scope(rawValue: 1 << 1)
        /// Leave the values empty.
        public static let keysOnly = Scope(rawValue: 1 << 2)
        /// Descending order.
        public static let reversed = Scope(rawValue: 1 << 3)
        /// Also tombstones, expired records and floors; an empty namespace means all.
        public static let raw = Scope(rawValue: 1 << 4)
    }

    /// The namespace; empty, with ``Scope-swift.struct/raw``, for all.
    public var namespace: Bytes
    /// Only keys that begin so.
    public var keyPrefix: Bytes
    /// All must hold.
    public var matches: [Match]
    /// See ``Scope-swift.struct``.
    public var scope: Scope
    /// Resume strictly after this place in the scan's order.
    public var after: Cursor?
    /// At most so many records.
    public var limit: UInt64

    /// A place in a scan.
    public struct Cursor: Hashable, Sendable {
        /// The last record's address.
        public var address: Address
        /// The last record's id.
        public var id: Version

        /// Makes a cursor.
        public init(address: Address, id: Version) {
            self.address = address
            self.id = id
        }
    }

    /// Makes a query.
    public init(
        namespace: Bytes, keyPrefix: Bytes = .empty, matches: [Match] = [],
        scope: Scope = [.documents, .items],
        after: Cursor? = nil, limit: UInt64 = .max
    ) {
        self.namespace = namespace
        self.keyPrefix = keyPrefix
        self.matches = matches
        self.scope = scope
        self.after = after
        self.limit = limit
    }
}
