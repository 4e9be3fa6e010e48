internal import HoldfastProviderKit

/// One batch of changes, decided in memory from what is known of its keys.
///
/// Nothing is written here: the batch says what each change meets, and in the end which rows are to be written
/// so that the store holds what the changes made of it one after the other.
struct PostgresBatch {
    /// A record by the number of its key in the batch.
    struct RecordPlace: Hashable {
        let key: Int
        let id: Version
    }

    let changes: ChangeBuffer
    let now: Int64
    /// The keys that the changes are about, each once.
    private(set) var places: [PostgresKeyCache.Place] = []
    /// The number of the key of each change.
    private(set) var keys: [Int] = []
    /// What is known of each key, as the changes that were decided leave it.
    var views: [PostgresKeyView] = []
    /// What is stored of items, as far as it was asked for.
    var stored: [RecordPlace: PostgresStoredRecord] = [:]
    /// Whether everything that the changes need was asked for; else an unknown record ends the decision.
    var isComplete = false

    /// What becomes of each change.
    private(set) var outcomes: [Change.Outcome] = []
    /// The changes whose records are to be written.
    private(set) var writes: [RecordPlace: Int] = [:]
    /// Up to where the records of a key are to be removed before that.
    private(set) var drops: [Int: Version] = [:]
    /// Why a change is invalid.
    private(set) var complaint: ProviderError?

    /// Collects the keys of some changes.
    init(_ changes: ChangeBuffer, at now: Int64) {
        self.changes = changes
        self.now = now
        var numbers: [PostgresKeyCache.Place: Int] = [:]
        for change in changes {
            let place = PostgresKeyCache.Place(change.record.address)
            let number = numbers[place] ?? places.count
            if number == places.count {
                numbers[place] = number
                places.append(place)
            }
            keys.append(number)
        }
    }

    /// Whether an atomic batch stands, and any other has something to write.
    var isWritten: Bool {
        if changes.isAtomic, !outcomes.allSatisfy(\.stands) { return false }
        return !writes.isEmpty || !drops.isEmpty
    }

    /// Decides every change.
    ///
    /// - Returns: whether everything that it takes was known.
    mutating func decide() -> Bool {
        for index in changes.indices {
            guard let outcome = decide(index) else { return false }
            outcomes.append(outcome)
        }
        return true
    }

    private mutating func decide(_ index: Int) -> Change.Outcome? {
        let change = changes[index]
        let key = keys[index]
        guard let kind = change.kind else {
            complaint = ProviderError(.invalid, "a change of a kind that this plugin does not know")
            return .invalid
        }
        let record = change.record
        if kind == .put, record.value.count > PostgresStore.valueByteCountMax {
            complaint = ProviderError(
                .invalid,
                "a value has \(record.value.count) bytes, "
                    + "this store takes \(PostgresStore.valueByteCountMax)")
            return .invalid
        }
        guard let current = current(of: change, key) else { return nil }
        if let refusal = refusal(of: change, current.record, views[key]) { return refusal }
        switch kind {
        case .put:
            let limit = change.isItem ? record.id : record.version
            guard limit > views[key].floor, record.version > current.record?.version ?? .zero else {
                return .unchanged
            }
            put(change, index, key)
            return .applied
        case .drop:
            guard record.version > views[key].floor else { return .unchanged }
            drop(upTo: record.version, key)
            return .applied
        case .check: return .applied
        }
    }

    /// What is stored where a change is about, or nothing where that is not known.
    private func current(of change: Change, _ key: Int) -> (record: PostgresStoredRecord?, Void)? {
        let view = views[key]
        if change.kind == .drop, change.conditions.isSubset(of: .newest) { return (nil, ()) }
        guard change.isItem else { return view.isDocumentKnown ? (view.document, ()) : nil }
        let id = change.record.id
        if let record = stored[RecordPlace(key: key, id: id)] { return (record, ()) }
        // Above the last id there is nothing, at or below the floor neither.
        return isComplete || id > view.last || id <= view.floor ? (nil, ()) : nil
    }

    private mutating func put(_ change: Change, _ index: Int, _ key: Int) {
        let record = change.record
        let place = RecordPlace(key: key, id: record.id)
        let state = PostgresStoredRecord(
            version: record.version, flags: record.flags, expiresAt: record.expiresAt)
        if change.isItem {
            stored[place] = state
            views[key].last = max(views[key].last, record.id)
        } else {
            views[key].document = state
        }
        writes[place] = index
    }

    private mutating func drop(upTo version: Version, _ key: Int) {
        views[key].floor = version
        views[key].noted = max(now, 1)
        if views[key].last <= version { views[key].last = .zero }
        if let document = views[key].document, document.version <= version { views[key].document = nil }
        for place in stored.keys where place.key == key && place.id <= version { stored[place] = nil }
        for (place, index) in writes where place.key == key {
            let limit = place.id.isZero ? changes[index].record.version : place.id
            if limit <= version { writes[place] = nil }
        }
        drops[key] = max(drops[key] ?? .zero, version)
    }

    /// What stands against a change, or nothing when its conditions hold.
    ///
    /// A put whose exact version is stored is unchanged whatever its condition: it is a replay.
    private func refusal(
        of change: Change, _ stored: PostgresStoredRecord?, _ view: PostgresKeyView
    ) -> Change.Outcome? {
        let record = change.record
        if change.kind == .put, let stored, stored.version == record.version { return .unchanged }
        let conditions = change.conditions
        if conditions.isEmpty { return nil }
        if conditions.contains(.version) {
            let document = stored.flatMap { $0.isVisible(at: now) ? $0.version : nil } ?? .zero
            let current = change.isItem ? view.last : document
            if current != change.expected { return .conflict(seen: current) }
        }
        if conditions.contains(.exists) {
            guard let stored, stored.isVisible(at: now) else { return .notFound }
            if record.version <= stored.version { return .stale(seen: stored.version) }
        }
        guard conditions.contains(.newest) else { return nil }
        if change.kind == .drop { return record.version < view.last ? .stale(seen: view.last) : nil }
        if change.isItem, stored == nil {
            let highest = max(view.last, view.floor)
            return record.id <= highest ? .stale(seen: highest) : nil
        }
        let floor = change.isItem ? .zero : view.floor
        let highest = max(stored?.version ?? .zero, floor)
        return record.version <= highest ? .stale(seen: highest) : nil
    }
}

@available(*, unavailable) extension PostgresBatch: Sendable {}

extension Change.Outcome {
    /// Whether the change stands: it was applied now or before.
    var stands: Bool { self == .applied || self == .unchanged }
}
