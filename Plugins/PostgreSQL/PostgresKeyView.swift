internal import HoldfastProviderKit

/// What decides a change of a record that is there.
struct PostgresStoredRecord: Hashable, Sendable {
    /// Which of two states wins: the higher.
    let version: Version
    /// See `RecordFlags`.
    let flags: RecordFlags
    /// Unix milliseconds, 0 for never.
    let expiresAt: Int64

    /// Whether a reader sees the record.
    func isVisible(at milliseconds: Int64) -> Bool {
        !flags.contains(.removed) && (expiresAt == 0 || expiresAt > milliseconds)
    }
}

/// What is known of a key: its row in `…heads`, and maybe its document.
struct PostgresKeyView: Hashable, Sendable {
    /// Puts at or below it change nothing; zero for none.
    var floor: Version
    /// The highest id of the list, tombstones included; zero for an empty list.
    var last: Version
    /// When the floor was written, in Unix milliseconds; 0 for no floor.
    var noted: Int64
    /// Rises with every batch that touches the key.
    var sequence: Int64
    /// Whether ``document`` says what is stored, also that nothing is.
    var isDocumentKnown = false
    /// The stored document, tombstones included.
    var document: PostgresStoredRecord?
}

/// Remembers the keys that this connection has written last, so that the next batch needs one round trip.
///
/// What is remembered may be old: the batch is written only where the sequence is still the same. A key that
/// others write too is asked for first, until it has been left alone for a while.
struct PostgresKeyCache {
    /// A namespace and a key of our own.
    struct Place: Hashable, Sendable {
        let namespace: OwnedBytes
        let key: OwnedBytes

        init(_ address: BorrowedAddress) {
            namespace = OwnedBytes(copying: address.namespace)
            key = OwnedBytes(copying: address.key)
        }
    }

    private struct Entry {
        var view: PostgresKeyView
        /// Below zero, the key is asked for.
        var confidence: Int
    }

    private static let entryCountMax = 2048
    private static let distrust = -8
    private var entries: [Place: Entry] = [:]

    /// What is remembered and can be relied on until the server says otherwise.
    func view(at place: Place) -> PostgresKeyView? {
        guard let entry = entries[place], entry.confidence >= 0 else { return nil }
        return entry.view
    }

    /// Learns what a locked row holds before it is written.
    mutating func observe(_ view: PostgresKeyView, at place: Place) {
        guard let entry = entries[place] else { return }
        let isOurs = entry.view.sequence == view.sequence
        entries[place]?.confidence = isOurs ? min(entry.confidence + 1, 0) : Self.distrust
    }

    /// Remembers what was written.
    mutating func remember(_ view: PostgresKeyView, at place: Place) {
        if entries.count >= Self.entryCountMax, entries[place] == nil { entries.removeAll() }
        entries[place, default: Entry(view: view, confidence: 0)].view = view
    }

    /// Stops relying on keys, one of which somebody else has written.
    mutating func distrust(_ places: [Place]) {
        for place in places { entries[place]?.confidence = -1 }
    }

    /// Forgets everything.
    mutating func removeAll() { entries.removeAll() }
}
