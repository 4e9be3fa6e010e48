internal import HoldfastProviderKit
internal import HoldfastSupport

extension MemorySpace {
    /// Applies changes in order; an atomic batch is taken back when one of them is refused.
    func apply(_ changes: ChangeBuffer, at milliseconds: Int64) throws(ProviderError) {
        try contents.withLock { contents throws(ProviderError) in
            purgeIfDue(&contents, at: milliseconds)
            if byteCountMax > 0 { try makeRoom(for: changes, contents.byteCount) }
            var batch = Batch()
            for change in changes {
                let outcome = batch.apply(change, to: &contents, at: milliseconds)
                if changes.isAtomic, outcome.isRefusal { batch.isRefused = true }
                change.resolve(outcome)
            }
            if changes.isAtomic, batch.isRefused { batch.revert(&contents) }
        }
    }

    private func makeRoom(for changes: ChangeBuffer, _ byteCount: Int) throws(ProviderError) {
        let added = changes.reduce(0) { $0 + ($1.kind == .put ? $1.record.value.count : 0) }
        guard added > 0, byteCount + added > byteCountMax else { return }
        throw ProviderError(
            .exhausted, "max_size of \(byteCountMax) bytes: \(byteCount) are used, \(added) more do not fit")
    }

    /// The changes that one call has made so far, and how to take them back.
    private struct Batch {
        private var done: [(key: MemoryKey, undo: MemoryKey.Undo, byteCount: Int)] = []
        var isRefused = false

        mutating func apply(
            _ change: Change, to contents: inout Contents, at milliseconds: Int64
        ) -> Change.Outcome {
            guard let kind = change.kind else { return .invalid }
            let record = change.record
            if change.conditions.isEmpty, kind == .check { return .applied }
            let key = contents.findOrMake(record.address)
            if let objection = key.objection(to: change, at: milliseconds) { return objection }
            let undo: MemoryKey.Undo?
            switch kind {
            case .check: return .applied
            case .put: undo = key.put(StoredRecord(copying: record))
            case .drop: undo = key.drop(upTo: record.version)
            }
            guard let undo else { return .unchanged }
            let byteCount = (kind == .put ? record.value.count : 0) - undo.byteCount
            contents.byteCount += byteCount
            done.append((key, undo, byteCount))
            return .applied
        }

        mutating func revert(_ contents: inout Contents) {
            for step in done.reversed() {
                step.key.revert(step.undo)
                contents.byteCount -= step.byteCount
            }
            done = []
        }
    }
}

extension MemoryKey.Undo {
    /// How many bytes of values the change let go of.
    fileprivate var byteCount: Int {
        switch self {
        case .document(let stored): stored?.value.count ?? 0
        case .item(let stored): stored.value.count
        case .newItem: 0
        case .drop(let document, let items, _):
            items.reduce(document?.value.count ?? 0) { $0 + $1.value.count }
        }
    }
}

extension Change.Outcome {
    /// Whether the change does not stand.
    fileprivate var isRefusal: Bool { self != .applied && self != .unchanged }
}
