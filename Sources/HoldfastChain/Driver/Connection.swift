import HoldfastModel
import HoldfastSupport

/// One connection of a chain to a provider, and what the chain keeps in it: its marks.
struct Connection: Sendable {
    let store: any Store
    let chain: String

    /// What the chain asks of a provider each time before it uses it.
    func view(_ context: CallContext) async throws(HoldfastError) -> (ProviderView, newestMark: Version) {
        let records = try await markRecords(context)
        var marks: [Mark] = []
        for record in records { marks.append(try MarkCodec.mark(in: record, chain: chain)) }
        let capabilities = store.info.capabilities
        let view = ProviderView(
            incarnation: store.info.incarnation,
            isAtomic: capabilities.contains(.atomicBatch) && capabilities.contains(.conditions),
            isDurable: capabilities.contains(.durable), marks: marks)
        return (view, records.map(\.version).max() ?? .zero)
    }

    private func markRecords(_ context: CallContext) async throws(HoldfastError) -> [Record] {
        try await store.query(
            Query(
                namespace: MarkCodec.namespace, keyPrefix: MarkCodec.prefix(chain: chain), scope: .documents),
            context)
    }

    /// Applies entries live, and the mark with them.
    ///
    /// - Returns: the outcomes of each entry.
    func applyLive(
        _ entries: [PrimaryEntry], mark: Change, _ context: CallContext
    ) async throws(HoldfastError) -> [[ChangeOutcome]] {
        guard store.info.capabilities.isSuperset(of: [.atomicBatch, .conditions]) else {
            return try await applyOneByOne(entries, mark: mark, context)
        }
        var changes: [Change] = []
        changes.reserveCapacity(entries.count + 1)
        for entry in entries { changes.append(contentsOf: entry.changes) }
        changes.append(mark)
        let outcomes = try await store.apply(changes, atomic: true, context.allowing(for: changes))
        guard outcomes.count == changes.count else {
            throw HoldfastError(
                .internal, "\(outcomes.count) outcomes for \(changes.count) changes", flags: .maybeApplied)
        }
        var start = 0
        return entries.map { entry in
            defer { start += entry.changes.count }
            return Array(outcomes[start..<start + entry.changes.count])
        }
    }

    /// The same for a provider without atomic batches: one host alone writes to it, so a condition that was checked
    /// still holds when the change is applied, and a stale change cannot be.
    func applyOneByOne(
        _ entries: [PrimaryEntry], mark: Change?, _ context: CallContext
    ) async throws(HoldfastError) -> [[ChangeOutcome]] {
        var outcomes: [[ChangeOutcome]] = []
        var plain: [Change] = []
        for (position, entry) in entries.enumerated() {
            let met = try await check(entry, context)
            outcomes.append(met)
            guard met.allSatisfy(\.stands) else {
                // Nothing of this call may be applied; what came before is sent again without the refused entry.
                outcomes += entries.dropFirst(position + 1).map { $0.changes.map { _ in .applied } }
                return outcomes
            }
            plain += entry.changes.filter { $0.kind != .check }.map(\.unconditional)
            if entry.changes.contains(where: \.isDecidedByReading), entries.count > 1 {
                // A later entry's condition must see this one.
                _ = try await applyPlainly(plain, context)
                plain.removeAll()
            }
        }
        _ = try await applyPlainly(plain + [mark].compactMap { $0 }, context)
        return outcomes
    }

    private func check(_ entry: PrimaryEntry, _ context: CallContext) async throws(HoldfastError)
        -> [ChangeOutcome]
    {
        let conditional = entry.changes.filter(\.isDecidedByReading)
        guard !conditional.isEmpty else { return entry.changes.map { _ in .applied } }
        let checks = conditional.map { change in
            var check = change
            check.kind = .check
            return check
        }
        var answers = try await store.apply(checks, atomic: false, context)[...]
        return entry.changes.map { change in
            guard change.isDecidedByReading, let answer = answers.popFirst() else { return .applied }
            // The very version is stored already: a replay.
            if case .conflict(let seen) = answer, seen == change.record.version, change.kind == .put {
                return .unchanged
            }
            return answer
        }
    }

    /// Merges changes; their order and number do not matter.
    func applyPlainly(_ changes: [Change], _ context: CallContext) async throws(HoldfastError)
        -> [ChangeOutcome]
    {
        guard !changes.isEmpty else { return [] }
        let isAtomic = store.info.capabilities.contains(.atomicBatch)
        let outcomes = try await store.apply(changes, atomic: isAtomic, context.allowing(for: changes))
        for case .invalid(let reason) in outcomes { throw HoldfastError(.invalid, reason) }
        return outcomes
    }
}

extension Change {
    /// The change as replay applies it.
    var unconditional: Change {
        var change = self
        change.condition = .none
        return change
    }

    /// Whether a provider without conditions must be read before the change is applied.
    fileprivate var isDecidedByReading: Bool {
        switch condition {
        case .version, .exists: true
        case .none, .newest: false
        }
    }
}
