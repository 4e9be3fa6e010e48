internal import HoldfastProviderKit

/// What decides the next change of a key, as far as it is known: its floor and the last id of its list.
struct SQLiteListHead: Hashable, Sendable {
    /// Puts at or below it change nothing.
    var floor: Version?
    /// The highest id of the list, tombstones included; zero for an empty list.
    var lastID: Version?
}

/// Remembers the heads of the keys that were written last, so that an append asks the file nothing.
///
/// Valid only under the write lock, and only while no other connection has written: the store clears it when
/// `PRAGMA data_version` moves and whenever a transaction is rolled back. A fixed table of slots, the older
/// key of two that meet is forgotten.
struct SQLiteListHeads {
    private struct Slot {
        var namespace: OwnedBytes
        var key: OwnedBytes
        var head: SQLiteListHead
    }

    private static let slotCount = 1024
    private var slots: [Slot?] = Array(repeating: nil, count: slotCount)

    /// The head of a key; empty where nothing is known.
    subscript(address: BorrowedAddress) -> SQLiteListHead {
        get {
            guard let slot = slots[Self.index(of: address)] else { return SQLiteListHead() }
            guard slot.key.isEqual(to: address.key), slot.namespace.isEqual(to: address.namespace) else {
                return SQLiteListHead()
            }
            return slot.head
        }
        set {
            let index = Self.index(of: address)
            if let slot = slots[index], slot.key.isEqual(to: address.key),
                slot.namespace.isEqual(to: address.namespace)
            {
                slots[index]?.head = newValue
            } else {
                slots[index] = Slot(
                    namespace: OwnedBytes(copying: address.namespace), key: OwnedBytes(copying: address.key),
                    head: newValue)
            }
        }
    }

    /// Forgets everything.
    mutating func removeAll() {
        for index in slots.indices where slots[index] != nil { slots[index] = nil }
    }

    private static func index(of address: BorrowedAddress) -> Int {
        var hasher = Hasher()
        hasher.combine(address)
        return Int(UInt(bitPattern: hasher.finalize()) % UInt(slotCount))
    }
}
