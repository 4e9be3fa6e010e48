internal import HoldfastProviderKit

extension MemoryKey {
    /// What stands against a change, or nothing when its conditions hold.
    ///
    /// A put whose exact version is stored is unchanged whatever its condition: it is a replay.
    ///
    /// - Parameters:
    ///   - change: of this key.
    ///   - milliseconds: the wall clock, for expiry.
    /// - Returns: the outcome of a change that is not to be applied.
    func objection(to change: Change, at milliseconds: Int64) -> Change.Outcome? {
        let record = change.record
        let stored = change.isItem ? item(record.id) : document
        if change.kind == .put, let stored, stored.version == record.version { return .unchanged }
        let conditions = change.conditions
        if conditions.contains(.version) {
            let current = change.isItem ? items.last?.id ?? .zero : visibleDocumentVersion(at: milliseconds)
            if current != change.expected { return .conflict(seen: current) }
        }
        if conditions.contains(.exists) {
            guard let stored, stored.isVisible(at: milliseconds) else { return .notFound }
            if record.version <= stored.version { return .stale(seen: stored.version) }
        }
        return conditions.contains(.newest) ? staleness(of: change, stored) : nil
    }

    private func staleness(of change: Change, _ stored: StoredRecord?) -> Change.Outcome? {
        let record = change.record
        if change.kind == .drop {
            let highest = items.last?.id ?? .zero
            return record.version < highest ? .stale(seen: highest) : nil
        }
        if change.isItem, stored == nil {
            let highest = max(items.last?.id ?? .zero, floor)
            return record.id <= highest ? .stale(seen: highest) : nil
        }
        let highest = change.isItem ? stored?.version ?? .zero : max(stored?.version ?? .zero, floor)
        return record.version <= highest ? .stale(seen: highest) : nil
    }

    private func visibleDocumentVersion(at milliseconds: Int64) -> Version {
        guard let document, document.isVisible(at: milliseconds) else { return .zero }
        return document.version
    }
}
