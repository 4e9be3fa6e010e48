internal import HoldfastModel

/// The changes that carry out a batch.
///
/// A drop takes the document of its key along with the list. Where only the list is meant, the plan keeps the document:
/// it checks that the document is what was read, drops, and puts the same document back. The check makes it exact: who
/// writes the document meanwhile lets the batch fail with `conflict`, and it is planned again.
struct BatchPlan {
    /// In order.
    private(set) var changes: [Change] = []
    /// For each step, which of the changes it reports.
    private(set) var reported: [Range<Int>] = []
    /// What the idempotency key is unique in: where the first step works.
    private(set) var scope = Address(namespace: .empty, key: .empty)

    private let edge: Edge
    /// By address, the document that a drop must leave alone: empty where none is stored.
    private let documents: [Address: Record?]
    private let isAtomic: Bool

    init(
        _ batch: Batch, edge: Edge, documents: [Address: Record?], isAtomic: Bool
    ) throws(HoldfastError) {
        self.edge = edge
        self.documents = documents
        self.isAtomic = isAtomic
        guard !batch.isEmpty else {
            throw HoldfastError(.invalid, "the batch has no steps, expected at least one")
        }
        for (position, entry) in batch.entries.enumerated() {
            let address = try entry.namespace.address(entry.key)
            if position == 0 { scope = address }
            do {
                try add(entry.step, at: address)
            } catch {
                guard batch.count > 1 else { throw error }
                var located = error
                located.message = "step \(position + 1) of the batch: \(error.message)"
                throw located
            }
        }
    }

    /// The addresses whose documents a batch must leave alone although it drops there.
    static func keptAddresses(of batch: Batch) throws(HoldfastError) -> [Address] {
        var kept: [Address] = []
        for entry in batch.entries {
            switch entry.step {
            case .clear, .trim:
                let address = try entry.namespace.address(entry.key)
                if !kept.contains(address) { kept.append(address) }
            default: continue
            }
        }
        return kept
    }

    private mutating func add(_ step: Batch.Step, at address: Address) throws(HoldfastError) {
        switch step {
        case .put(let value, let condition):
            try refuseIfKept(address)
            report(Change(.put, try edge.record(value, at: address), if: .init(condition)))
        case .delete(let condition):
            try refuseIfKept(address)
            let tombstone = Record(namespace: address.namespace, key: address.key, flags: .removed)
            report(Change(.put, tombstone, if: .init(condition)))
        case .check(let condition):
            try refuseIfKept(address)
            changes.append(check(.version(condition.expected), at: address))
            reported.append(changes.count..<changes.count)
        case .checkLast(let last):
            changes.append(check(.version(last), at: address, isItem: true))
            reported.append(changes.count..<changes.count)
        case .append(let values, let last):
            guard !values.isEmpty else {
                throw HoldfastError(.invalid, "there is nothing to append, expected at least one value")
            }
            let start = changes.count
            changes += try edge.appends(values, to: address, ifLast: last)
            reported.append(start..<changes.count)
        case .edit(let id, let value): report(try edge.edit(id, at: address, to: value))
        case .remove(let id): report(try edge.removal(of: id, at: address))
        case .clear: keepingDocument(at: address, upTo: .max, drop: drop(address, upTo: .zero, if: .newest))
        case .trim(let id):
            try edge.checkBound(id)
            keepingDocument(at: address, upTo: id, drop: drop(address, upTo: id, if: .none))
        case .erase:
            try refuseIfKept(address)
            report(drop(address, upTo: .zero, if: .newest))
        }
    }

    private mutating func report(_ change: Change) {
        reported.append(changes.count..<changes.count + 1)
        changes.append(change)
    }

    private mutating func keepingDocument(at address: Address, upTo bound: Version, drop: Change) {
        guard let document = documents[address] ?? nil else {
            // A document that somebody makes meanwhile is newer than any bound but "now".
            if bound == .max, isAtomic { changes.append(check(.version(.zero), at: address)) }
            report(drop)
            return
        }
        guard document.version <= bound else {
            report(drop)
            return
        }
        changes.append(check(.version(document.version), at: address))
        report(drop)
        var copy = document
        copy.version = .zero
        changes.append(Change(.put, copy, if: .newest))
    }

    private func check(_ condition: Change.Condition, at address: Address, isItem: Bool = false) -> Change {
        Change(
            .check, Record(namespace: address.namespace, key: address.key), if: condition, isItem: isItem)
    }

    private func drop(_ address: Address, upTo bound: Version, if condition: Change.Condition) -> Change {
        Change(
            .drop, Record(namespace: address.namespace, key: address.key, version: bound), if: condition)
    }

    /// Steps on the document of a key whose list is dropped would have to see the drop and not see it.
    private func refuseIfKept(_ address: Address) throws(HoldfastError) {
        guard documents[address] == nil else {
            throw HoldfastError(
                .invalid,
                "the batch clears or trims list \"\(address.key)\": write or check the document of that key in another"
            )
        }
    }
}
