internal import HoldfastModel

/// How long a run, its events and its session are kept.
public enum Lifetime: Hashable, Sendable {
    /// As the run was saved before; for a new one, what ``HistoryStore/runs(lifetime:)`` was given.
    case unchanged
    /// Until somebody deletes it.
    case unlimited
    /// So long after the last save; more than zero.
    case after(Duration)
}

/// When something goes that has a document and a list: both at once, however long the list is.
///
/// The document expires at the moment that is meant. The items expire later, and count only while the document is there:
/// so a longer life costs one document, not one write for each item, and what is dead is removed by the backend itself,
/// without a sweep. An item that never expires needs no document.
struct SharedExpiry: Hashable, Sendable {
    /// When all of it goes.
    let end: Timestamp

    /// For how long items outlive their document, so that a longer life seldom needs them written again: 7 days.
    private static let marginMilliseconds: Int64 = 7 * 86_400_000

    init(end: Timestamp) { self.end = end }

    /// - Throws: `invalid` for a duration that is not above zero, or reaches beyond all clocks.
    init(after lifetime: Duration, from now: Int64) throws(HoldfastError) {
        let (end, isTooLate) = now.addingReportingOverflow(lifetime.wholeMilliseconds)
        guard lifetime > .zero, !isTooLate, end < .max / 4 else {
            throw HoldfastError(
                .invalid,
                "the lifetime is \(lifetime), expected more than zero; to keep it for ever, unlimited")
        }
        self.end = Timestamp(unixMilliseconds: end)
    }

    /// The expiry of items.
    ///
    /// Rises with the end, so that the oldest item is always the first to go, and tells whether the others may stay.
    var items: Timestamp {
        Timestamp(unixMilliseconds: end.unixMilliseconds + Self.marginMilliseconds)
    }

    /// Whether items that go at a time live as long as the whole, and no further than they may.
    func covers(_ items: Timestamp?) -> Bool { items.map { (end...self.items).contains($0) } ?? false }
}

extension Optional where Wrapped == SharedExpiry {
    /// Whether items with this expiry may stay as they are.
    func covers(_ items: Timestamp?) -> Bool {
        switch self {
        case .none: items == nil
        case .some(let expiry): expiry.covers(items)
        }
    }

    /// The expiry of the document.
    var document: Expiry? { map { .at($0.end) } }

    /// The expiry of items that are written now.
    var items: Expiry? { map { .at($0.items) } }
}
