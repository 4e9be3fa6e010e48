internal import CHoldfastProvider

/// A page of a list.
public struct ListRange: Hashable, Sendable {
    /// Exclusive; zero is open.
    public var after: Version
    /// Exclusive; zero is open.
    public var before: Version
    /// At most so many items; `UInt64.max` where the host set no limit.
    public var limit: UInt64
    /// Newest first, so that a limit keeps the latest.
    public var isReversed: Bool

    /// Makes a page.
    public init(
        after: Version = .zero, before: Version = .zero, limit: UInt64 = .max, isReversed: Bool = false
    ) {
        self.after = after
        self.before = before
        self.limit = limit
        self.isReversed = isReversed
    }

    init(_ pointer: UnsafePointer<hf_range>) {
        let range = unsafe knownFields(of: pointer, hf_range())
        self.init(
            after: Version(range.after), before: Version(range.before),
            limit: range.limit == 0 ? .max : range.limit,
            isReversed: range.reverse != 0)
    }

    /// Whether an id lies between the bounds.
    public func contains(_ id: Version) -> Bool { id > after && (before.isZero || id < before) }
}

/// A scan of one namespace for equal members, in the order of (key, id); lent for one call.
@safe public struct ScanQuery {
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
        /// Also tombstones, expired records and floors (``RecordFlags/floor``, id zero, before the key's other
        /// records); an empty namespace means all, in the order of (namespace, key, id).
        public static let raw = Scope(rawValue: 1 << 4)
    }

    /// A place in a scan.
    public struct Cursor {
        /// The last record's namespace and key.
        public let address: BorrowedAddress
        /// The last record's id.
        public let id: Version
    }

    private let query: hf_query

    init(_ pointer: UnsafePointer<hf_query>) { unsafe query = knownFields(of: pointer, hf_query()) }

    /// The namespace; empty, with `raw`, for all.
    public var namespace: BorrowedBytes { unsafe BorrowedBytes(query.ns) }
    /// Only keys that begin so.
    public var keyPrefix: BorrowedBytes { unsafe BorrowedBytes(query.key_prefix) }
    /// All must hold; see `HostServices.matches`.
    public var matches: MatchBuffer { unsafe MatchBuffer(start: query.matches, count: query.match_count) }
    /// See ``Scope-swift.struct``.
    public var scope: Scope { unsafe Scope(rawValue: query.flags) }
    /// At most so many records; `UInt64.max` where the host set no limit.
    public var limit: UInt64 { unsafe query.limit == 0 ? .max : query.limit }

    /// Resume strictly after this place in the scan's order, whichever its direction.
    public var after: Cursor? {
        let key = unsafe BorrowedBytes(query.after_key)
        guard !key.isEmpty else { return nil }
        let resumed = unsafe BorrowedBytes(query.after_ns)
        let address = BorrowedAddress(namespace: resumed.isEmpty ? namespace : resumed, key: key)
        return unsafe Cursor(address: address, id: Version(query.after_id))
    }
}

@available(*, unavailable) extension ScanQuery: Sendable {}
@available(*, unavailable) extension ScanQuery.Cursor: Sendable {}

/// A top-level member of a JSON value that must equal a scalar.
public struct Match {
    /// The name of the member, as it is.
    public let field: BorrowedBytes
    /// The scalar as JSON text, such as `"user"`, `3` or `null`.
    public let json: BorrowedBytes
}

@available(*, unavailable) extension Match: Sendable {}

/// The matches of a query, lent for one call.
@safe public struct MatchBuffer: RandomAccessCollection {
    let start: UnsafePointer<hf_match>?
    /// How many there are.
    public let count: Int

    init(start: UnsafePointer<hf_match>?, count: Int) {
        unsafe self.start = start
        self.count = unsafe start == nil ? 0 : count
    }

    /// Zero.
    public var startIndex: Int { 0 }
    /// The same as ``count``.
    public var endIndex: Int { count }

    /// One match.
    public subscript(index: Int) -> Match {
        precondition(index >= 0 && index < count, "match \(index) of \(count)")
        guard let match = unsafe start?[index] else { return Match(field: .empty, json: .empty) }
        return unsafe Match(field: BorrowedBytes(match.field), json: BorrowedBytes(match.json))
    }
}

@available(*, unavailable) extension MatchBuffer: Sendable {}
