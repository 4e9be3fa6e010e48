internal import HoldfastProviderKit
internal import HoldfastSupport

/// What the backends of one process that name the same space share; it lives as long as the process.
final class MemorySpace: Sendable {
    /// Everything that is stored, and how much it is.
    struct Contents {
        var namespaces: [LookupKey: MemoryNamespace] = [:]
        var byteCount = 0
        /// Unix milliseconds at which old tombstones are looked for next.
        var purgeDue: Int64 = 0

        /// What is at an address, or nothing.
        func find(_ address: BorrowedAddress) -> MemoryKey? {
            namespaces[LookupKey(address.namespace)]?.find(address.key)
        }

        /// What is at an address, made if there is nothing.
        mutating func findOrMake(_ address: BorrowedAddress) -> MemoryKey {
            if let found = namespaces[LookupKey(address.namespace)] { return found.findOrMake(address.key) }
            let stored = LookupKey(storing: address.namespace)
            let made = MemoryNamespace(stored.owned ?? .empty)
            namespaces[stored] = made
            return made.findOrMake(address.key)
        }
    }

    let contents: Guarded<Contents>
    /// Another one for each space and process: what was in memory is gone with it.
    let incarnation: String
    let byteCountMax: Int
    private let retention: Int64

    private init(_ options: MemoryOptions) {
        contents = Guarded(Contents())
        incarnation = "memory-" + String(UInt64.random(in: .min ... .max), radix: 16)
        byteCountMax = options.byteCountMax
        retention = options.retention.components.seconds * 1000
    }

    private static let spaces = Guarded<[String: MemorySpace]>([:])

    /// The space of a name, made when it is named first.
    static func named(_ name: String, _ options: MemoryOptions) -> MemorySpace {
        spaces.withLock { spaces in
            if let space = spaces[name] { return space }
            let space = MemorySpace(options)
            spaces[name] = space
            return space
        }
    }

    /// The items of a list that a reader sees, as many as a range asks for.
    func items(of address: BorrowedAddress, in range: ListRange, at milliseconds: Int64) -> [StoredRecord] {
        contents.withLock { contents in
            guard let key = contents.find(address) else { return [] }
            let indexes = key.indexes(in: range)
            var found: [StoredRecord] = []
            found.reserveCapacity(Int(min(range.limit, UInt64(indexes.count))))
            for step in 0..<indexes.count {
                if UInt64(found.count) >= range.limit { break }
                let index = range.isReversed ? indexes.upperBound - 1 - step : indexes.lowerBound + step
                let item = key.items[index]
                if item.isVisible(at: milliseconds) { found.append(item) }
            }
            return found
        }
    }

    /// Forgets what is older than the retention, at most once in a while.
    func purgeIfDue(_ contents: inout Contents, at milliseconds: Int64) {
        guard milliseconds >= contents.purgeDue else { return }
        let isFirst = contents.purgeDue == 0
        contents.purgeDue = milliseconds + min(retention, Self.purgeInterval)
        if isFirst { return }
        for namespace in contents.namespaces.values {
            contents.byteCount -= namespace.purge(before: milliseconds - retention)
        }
    }

    /// Ten minutes: a pass looks at every record.
    private static let purgeInterval: Int64 = 600_000
}
