internal import HoldfastProviderKit

/// A key of a dictionary that can be looked up by lent bytes, without copying them first.
struct LookupKey: Hashable, @unchecked Sendable {
    // @unchecked: what is stored owns its bytes; what is lent never leaves the lookup.
    private let bytes: BorrowedBytes
    /// What keeps the bytes alive; nothing in a key that is only looked up.
    let owned: OwnedBytes?

    /// For a lookup only.
    init(_ bytes: BorrowedBytes) {
        self.bytes = bytes
        owned = nil
    }

    /// To be stored.
    init(storing bytes: BorrowedBytes) {
        let owned = OwnedBytes(copying: bytes)
        self.owned = owned
        self.bytes = owned.borrowed
    }

    static func == (left: LookupKey, right: LookupKey) -> Bool { left.bytes == right.bytes }

    func hash(into hasher: inout Hasher) { hasher.combine(bytes) }
}

/// The keys of one namespace: found by hash, walked in order.
final class MemoryNamespace: @unchecked Sendable {
    // @unchecked: reached only under the lock of its space.
    let name: OwnedBytes
    private var keys: [LookupKey: MemoryKey] = [:]
    /// In order, each of them in ``keys`` or purged since.
    private var ordered: [OwnedBytes] = []
    /// Not yet in ``ordered``: sorting waits until somebody walks.
    private var fresh: [OwnedBytes] = []

    init(_ name: OwnedBytes) { self.name = name }

    /// How many keys there are.
    var count: Int { keys.count }

    /// What is at a key, or nothing.
    func find(_ key: BorrowedBytes) -> MemoryKey? { keys[LookupKey(key)] }

    /// What is at a key, made if there is nothing.
    func findOrMake(_ key: BorrowedBytes) -> MemoryKey {
        if let found = keys[LookupKey(key)] { return found }
        let stored = LookupKey(storing: key)
        let made = MemoryKey()
        keys[stored] = made
        if let owned = stored.owned { fresh.append(owned) }
        return made
    }

    /// The keys in order.
    func inOrder() -> [OwnedBytes] {
        guard !fresh.isEmpty else { return ordered }
        fresh.sort()
        var merged: [OwnedBytes] = []
        merged.reserveCapacity(ordered.count + fresh.count)
        var next = 0
        for key in ordered {
            while next < fresh.count, fresh[next] < key {
                merged.append(fresh[next])
                next += 1
            }
            merged.append(key)
        }
        merged.append(contentsOf: fresh[next...])
        ordered = merged
        fresh = []
        return ordered
    }

    /// Forgets old tombstones, floors and expired records.
    ///
    /// - Returns: how many bytes that frees.
    func purge(before milliseconds: Int64) -> Int {
        var byteCount = 0
        var emptied: [LookupKey] = []
        for (key, entry) in keys {
            let (records, isEmpty) = entry.purge(before: milliseconds)
            for record in records { byteCount += record.value.count }
            if isEmpty { emptied.append(key) }
        }
        guard !emptied.isEmpty else { return byteCount }
        for key in emptied { keys[key] = nil }
        ordered = inOrder().filter { keys[LookupKey($0.borrowed)] != nil }
        return byteCount
    }
}
