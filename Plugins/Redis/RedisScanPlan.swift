internal import HoldfastProviderKit

/// Where a scan stands: it goes on strictly behind this place.
struct RedisScanPlace: Hashable, Sendable {
    let namespace: OwnedBytes
    let key: OwnedBytes
    /// Zero for the document and the floor of the key.
    let id: Version
}

/// How one page of a scan is read: the arguments of the script.
struct RedisScanPlan {
    /// What is wanted, as the script reads it.
    private(set) var letters = "dir"
    /// Nothing for all namespaces.
    private(set) var namespace: [UInt8] = []
    /// How many records are looked at.
    let count: Int
    /// The first key, in the words of `ZRANGEBYLEX`.
    private(set) var low: [UInt8] = Self.open(false)
    /// The last key.
    private(set) var high: [UInt8] = Self.open(true)
    /// Where to go on.
    let place: RedisScanPlace?
    /// The first key in the namespace of ``place``.
    private(set) var lowBehind: [UInt8] = Self.open(false)
    /// The last key in the namespace of ``place``.
    private(set) var highBehind: [UInt8] = Self.open(true)
    /// Whether the rest of the key of ``place`` is wanted.
    private(set) var wantsOwnKey = false

    /// Plans a page of everything there is.
    init(everythingAfter place: RedisScanPlace?, count: Int) {
        self.count = count
        self.place = place
        letters = "dirf"
        guard let place else { return }
        lowBehind = Self.exclusive(place.key.borrowed.array)
        wantsOwnKey = true
    }

    /// Plans a page of a query.
    init(_ query: ScanQuery, after place: RedisScanPlace?, count: Int) {
        self.count = count
        self.place = place
        namespace = query.namespace.array
        letters = Self.letters(of: query)
        let prefix = query.keyPrefix.array
        let bound = Self.upperBound(of: prefix)
        if !prefix.isEmpty { low = [UInt8(ascii: "[")] + prefix }
        if !prefix.isEmpty, let bound { high = Self.exclusive(bound) }
        lowBehind = low
        highBehind = high
        guard let place else { return }
        let key = place.key.borrowed.array
        wantsOwnKey = key.starts(with: prefix)
        if query.scope.contains(.reversed) {
            // A place behind the keys that are wanted begins with the last of them.
            if prefix.isEmpty || wantsOwnKey || key.lexicographicallyPrecedes(prefix) {
                highBehind = Self.exclusive(key)
            }
        } else if !key.lexicographicallyPrecedes(prefix) {
            lowBehind = Self.exclusive(key)
        }
    }

    private static func letters(of query: ScanQuery) -> String {
        var letters = ""
        if query.scope.contains(.documents) { letters += "d" }
        if query.scope.contains(.items) { letters += "i" }
        if query.scope.contains(.raw) { letters += "r" }
        // Floors have no value, so they match nothing.
        if query.scope.contains(.raw), query.matches.isEmpty { letters += "f" }
        // The values of what is filtered are needed to compare them.
        if query.scope.contains(.keysOnly), query.matches.isEmpty { letters += "b" }
        if query.scope.contains(.reversed) { letters += "v" }
        return letters
    }

    private static func open(_ isHigh: Bool) -> [UInt8] { [isHigh ? UInt8(ascii: "+") : UInt8(ascii: "-")] }

    private static func exclusive(_ key: [UInt8]) -> [UInt8] { [UInt8(ascii: "(")] + key }

    private static func upperBound(of prefix: [UInt8]) -> [UInt8]? {
        var bytes = prefix
        while let last = bytes.popLast() {
            if last < 0xFF { return bytes + [last + 1] }
        }
        return nil
    }
}
