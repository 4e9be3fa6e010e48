internal import HoldfastModel

/// Decides what goes of the lists of one namespace, from nothing but their keys and ids.
///
/// Takes each id in the order of key and id, and remembers of one list at a time no more ids than its policy keeps.
struct RetentionPlanner: Sendable {
    /// The highest `max_messages` and `keep_latest`.
    static let countMax = 1_000_000

    /// The beginning of a list that is to go.
    struct Trim: Hashable, Sendable {
        let key: String
        /// The last id that goes.
        let last: Version
        /// How many items go.
        let count: Int
    }

    private let policies: [RetentionPolicy]
    private let now: Int64
    private var list: List?
    /// How many lists were looked at.
    private(set) var listCount = 0
    /// How many items they have.
    private(set) var itemCount = 0
    /// How many lists a hold keeps.
    private(set) var heldListCount = 0

    /// One list, while its ids come.
    fileprivate struct List: Sendable {
        let key: String
        let policy: RetentionPolicy?
        /// Items that are older than this go by their age.
        let ageBound: Version
        var count = 0
        var oldCount = 0
        var lastOld = Version.zero
        /// The newest ids as a ring: the position of the next one is the count of all, modulo its size.
        var newest: [Version] = []
        let ringSize: Int
    }

    /// Begins with no list.
    ///
    /// - Parameters:
    ///   - policies: of one namespace, in any order.
    ///   - now: Unix milliseconds.
    init(_ policies: [RetentionPolicy], now: Int64) {
        self.policies = policies
        self.now = now
    }

    /// The prefixes that have to be read, none inside another; a hold alone asks for nothing.
    var prefixes: [String] {
        let wanted = Set(policies.filter { !$0.isHold }.map(\.prefix)).sorted {
            $0.utf8.count < $1.utf8.count
        }
        var prefixes: [String] = []
        for prefix in wanted where !prefixes.contains(where: { prefix.utf8.starts(with: $0.utf8) }) {
            prefixes.append(prefix)
        }
        return prefixes.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// The policy that decides about a list: a hold if there is one, else that with the longest prefix.
    func policy(for key: String) -> RetentionPolicy? {
        let own = policies.filter { key.utf8.starts(with: $0.prefix.utf8) }
        return own.first(where: \.isHold) ?? own.max { $0.prefix.utf8.count < $1.prefix.utf8.count }
    }

    /// Takes the next id.
    ///
    /// - Returns: what goes of the list before, where this one begins another.
    mutating func take(key: String, id: Version) -> Trim? {
        var trim: Trim?
        if list?.key.isSameBytes(as: key) != true {
            trim = finish()
            begin(key)
        }
        itemCount += 1
        list?.take(id)
        return trim
    }

    /// Ends the last list.
    ///
    /// - Returns: what goes of it.
    mutating func finish() -> Trim? {
        defer { list = nil }
        return list?.trim
    }

    private mutating func begin(_ key: String) {
        let policy = policy(for: key)
        listCount += 1
        if policy?.isHold == true { heldListCount += 1 }
        list = List(key, policy, now: now)
    }
}

extension RetentionPlanner.List {
    init(_ key: String, _ policy: RetentionPolicy?, now: Int64) {
        self.key = key
        self.policy = policy
        var bound = Version.zero
        if let age = policy?.maxAge {
            let (seconds, attoseconds) = age.components
            let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
            let (cutoff, isTooEarly) = (now - attoseconds / 1_000_000_000_000_000)
                .subtractingReportingOverflow(whole)
            if !isTooLong, !isTooEarly, cutoff > 0 { bound = Version(high: UInt64(cutoff) << 16, low: 0) }
        }
        ageBound = bound
        // To keep n, the id before the newest n is what to drop up to.
        ringSize = max(policy?.maxMessages ?? 0, policy?.keepLatest ?? 0) + 1
    }

    mutating func take(_ id: Version) {
        guard policy?.isHold == false else { return }
        if newest.count < ringSize { newest.append(id) } else { newest[count % ringSize] = id }
        count += 1
        // Ids rise, so what is old comes first.
        if id < ageBound {
            oldCount += 1
            lastOld = id
        }
    }

    /// What goes of the list, or nothing.
    var trim: RetentionPlanner.Trim? {
        guard let policy, !policy.isHold else { return nil }
        let excess = policy.maxMessages.map { max(0, count - $0) } ?? 0
        let goes = min(max(oldCount, excess), count - min(count, policy.keepLatest))
        guard goes > 0 else { return nil }
        // By age alone the bound was seen in passing; every other bound lies within the ring.
        let last = goes == oldCount ? lastOld : newest[(goes - 1) % ringSize]
        return RetentionPlanner.Trim(key: key, last: last, count: goes)
    }
}
