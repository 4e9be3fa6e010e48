/// One step of a write: a put, a drop, or a check that writes nothing.
public struct Change: Hashable, Sendable {
    /// What the change does.
    public enum Kind: UInt32, Hashable, Sendable {
        /// Stores ``Change/record``.
        case put = 1
        /// Removes the document up to the version, and every item whose id is at or below it; `record.version` is `upto`.
        case drop = 2
        /// Writes nothing; the batch applies only if the condition holds.
        case check = 3
    }

    /// What must hold on the primary, when the change is applied live.
    ///
    /// Replay does not ask.
    public enum Condition: Hashable, Sendable {
        /// Plain merge.
        case none
        /// The document has exactly this version (zero: it is absent); for an item, the list's last id is this one.
        ///
        /// A put must also be newest: a tombstone or an expired record may be above it, and so may the expected
        /// version itself, where another host's clock is ahead.
        case version(Version)
        /// Nothing newer is in the way, see section 1 of the semantics.
        case newest
        /// The item is there, and nothing newer is in the way: an edit or removal of it.
        case exists
    }

    /// See ``Kind-swift.enum``.
    public var kind: Kind
    /// What is put, dropped or checked.
    ///
    /// A version of zero asks the host to assign one.
    public var record: Record
    /// See ``Condition-swift.enum``.
    public var condition: Condition
    /// Whether the change is about a list item.
    ///
    /// Tells a new item, whose id is still zero, from a document.
    public var isItem: Bool

    /// Makes a change.
    public init(_ kind: Kind, _ record: Record, if condition: Condition = .none, isItem: Bool = false) {
        self.kind = kind
        self.record = record
        self.condition = condition
        self.isItem = isItem || !record.id.isZero
    }

    /// Where the change works.
    public var address: Address { record.address }
}

/// What became of one change.
public enum ChangeOutcome: Hashable, Sendable {
    /// It is stored.
    case applied
    /// The merge rule kept what was there: a replay, or an older version.
    case unchanged
    /// `version` did not hold; `seen` is the current version.
    case conflict(seen: Version)
    /// `newest` did not hold; `seen` is the highest version in the way.
    case stale(seen: Version)
    /// `exists` did not hold.
    case notFound
    /// The provider can never store this; the sentence says why.
    case invalid(String)

    /// Whether the change stands: it was applied now or before.
    public var stands: Bool {
        switch self {
        case .applied, .unchanged: true
        case .conflict, .stale, .notFound, .invalid: false
        }
    }
}
