import HoldfastModel

/// Which write was the first with its idempotency key, while entries are merged in the order of the log.
struct KeyClaims: Sendable {
    private var first: [Address: Record] = [:]

    /// Begins with the records that a store holds.
    init(_ records: [Record]) {
        for record in records { first[record.address] = record }
    }

    /// Whether an entry is merged: not when another one has claimed its key before and the claim has not expired.
    mutating func takes(_ changes: [Change]) -> Bool {
        guard let claim = changes.first, let address = claim.claimedKey else { return true }
        if let earlier = first[address], earlier.version != claim.record.version,
            !earlier.isExpired(at: Int64(clamping: claim.record.version.milliseconds))
        {
            return false
        }
        first[address] = claim.record
        return true
    }
}
