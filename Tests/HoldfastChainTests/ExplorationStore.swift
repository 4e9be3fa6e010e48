import HoldfastChain
import HoldfastModel

/// A provider as small as it can be: the merge rule, one list, the records of idempotency keys, marks.
struct ExplorationStore {
    static let list = Address(namespace: "messages", key: "list")

    private(set) var list = KeyState()
    private(set) var keys: [KeyState]
    /// By host.
    var marks: [Mark?]
    var incarnation: Int

    init(hostCount: Int) {
        keys = Array(repeating: KeyState(), count: 4)
        marks = Array(repeating: nil, count: hostCount)
        incarnation = 1
    }

    /// The address of the record of an idempotency key.
    static func address(ofKey number: UInt8) -> Address {
        Address(namespace: IdempotencyRecord.namespace, key: Bytes([number]))
    }

    var isEmpty: Bool { marks.allSatisfy { $0 == nil } }

    /// What a connection learns.
    var view: ProviderView {
        ProviderView(
            incarnation: "\(incarnation)", isAtomic: true, isDurable: true, marks: marks.compactMap(\.self))
    }

    /// The messages of the list, in order.
    var messages: [UInt8] { list.items.map { $0.value[0] } }

    /// Applies entries live, all or none.
    mutating func apply(_ entries: [[Change]]) -> [[ChangeOutcome]] {
        var scratch = self
        let outcomes = entries.map { changes in
            changes.map { change in scratch.update(change.address) { $0.apply(change, at: 0) } }
        }
        if outcomes.joined().allSatisfy(\.stands) { self = scratch }
        return outcomes
    }

    /// Merges the changes of an entry.
    ///
    /// With `skippingDuplicates` the entry is left out when its idempotency key is held under another version.
    mutating func merge(_ changes: [Change], skippingDuplicates: Bool) {
        if skippingDuplicates, let claim = changes.first, claim.claimedKey != nil,
            let held = keys[Int(claim.address.key[0])].document, held.version != claim.record.version
        {
            return
        }
        for change in changes { _ = update(change.address) { $0.merge(change) } }
    }

    /// Merges everything that another store holds but its marks.
    mutating func merge(_ other: ExplorationStore) {
        list.absorb(other.list)
        for number in keys.indices { keys[number].absorb(other.keys[number]) }
    }

    /// The ablation of floors: what was dropped is not remembered.
    mutating func forgetFloors() {
        list = KeyState(document: list.document, items: list.items)
    }

    private mutating func update<Result>(_ address: Address, _ body: (inout KeyState) -> Result) -> Result {
        address == Self.list ? body(&list) : body(&keys[Int(address.key[0])])
    }
}

extension ExplorationStore {
    func hashEssence(into hasher: inout Hasher) {
        hasher.combine(list.floor)
        hasher.combine(list.items.count)
        for item in list.items {
            hasher.combine(item.id)
            hasher.combine(item.value[0])
        }
        for key in keys { hasher.combine(key.document?.version) }
        for mark in marks {
            hasher.combine(mark?.lsn)
            hasher.combine(mark?.phase)
            hasher.combine(mark?.incarnation)
        }
        hasher.combine(incarnation)
    }
}

extension KeyState {
    /// Merges what another state of the same address holds.
    fileprivate mutating func absorb(_ other: KeyState) {
        let address = ExplorationStore.list
        let floor = Record(namespace: address.namespace, key: address.key, version: other.floor)
        if !other.floor.isZero { merge(Change(.drop, floor)) }
        if let document = other.document { merge(Change(.put, document)) }
        for item in other.items { merge(Change(.put, item, isItem: true)) }
    }
}
