internal import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// What a list is trimmed to.
public enum TrimBound: Hashable, Sendable {
    /// The newest so many items.
    case count(Int)
    /// Items that arrived no longer ago.
    case age(Duration)
    /// The newest items whose values have no more bytes than this together.
    case byteCount(Int)
}

extension Lists {
    /// Removes the oldest items of a list, down to a bound.
    ///
    /// Looks first, then drops up to one id: an item that arrives meanwhile is never taken, and a list may hold as many
    /// more when the call returns.
    ///
    /// - Parameters:
    ///   - key: which list.
    ///   - bound: what stays.
    ///   - options: how it is made safe.
    /// - Returns: a receipt, or nothing when there was nothing to remove.
    /// - Throws: `invalid` for a bound below zero.
    @discardableResult
    public func trim(
        _ key: String, to bound: TrimBound, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt? {
        let address = try namespace.address(key)
        let calls = try Edge.checked(CallOptions(timeout: options.timeout))
        let last: Version?
        switch bound {
        case .count(let count):
            try Self.check(count, "count")
            last = try await self.last(beyondCount: count, at: address, calls)
        case .byteCount(let count):
            try Self.check(count, "byteCount")
            last = try await self.last(beyondByteCount: count, of: key, calls)
        case .age(let age):
            guard age >= .zero else { throw HoldfastError(.invalid, "age is \(age), expected zero or more") }
            last = try await self.last(beyondAge: age, at: address, calls)
        }
        guard let last else { return nil }
        var batch = Batch()
        batch.add(.trim(upTo: last), key, namespace)
        return try await store.write(batch, options).receipt
    }

    private static func check(_ count: Int, _ noun: String) throws(HoldfastError) {
        guard count >= 0 else { throw HoldfastError(.invalid, "\(noun) is \(count), expected zero or more") }
    }

    /// The id of the newest item that goes, found without reading a value.
    func last(
        beyondCount count: Int, at address: Address, _ options: CallOptions
    ) async throws(HoldfastError) -> Version? {
        var query = Query(
            namespace: address.namespace, keyPrefix: address.key, scope: [.items, .keysOnly, .reversed],
            after: Query.Cursor(address: address, id: .max))
        var remaining = count
        while true {
            // Adding one does not overflow: the smaller of the two is taken first.
            let limit = min(remaining, PageLimit.maximum - 1) + 1
            query.limit = UInt64(limit)
            let records = try await store.backend.query(query, options).records
            if remaining < limit, records.count == limit { return records.last?.id }
            guard records.count == limit, let last = records.last else { return nil }
            remaining -= limit
            query.after = Query.Cursor(address: address, id: last.id)
        }
    }

    func last(
        beyondByteCount byteCountMax: Int, of key: String, _ options: CallOptions
    ) async throws(HoldfastError) -> Version? {
        var remaining = byteCountMax
        var range: ListRange? = ListRange(.descending)
        while let asked = range {
            let page = try await page(of: key, asked, options)
            for item in page {
                remaining -= item.bytes.count
                if remaining < 0 { return item.id }
            }
            range = page.next
        }
        return nil
    }

    func last(
        beyondAge age: Duration, at address: Address, _ options: CallOptions
    ) async throws(HoldfastError) -> Version? {
        let (seconds, attoseconds) = age.components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1000)
        let cutoff = store.edge.clock.unixMilliseconds - attoseconds / 1_000_000_000_000_000
        guard !isTooLong, cutoff > whole else { return nil }
        let bound = Version(high: UInt64(cutoff - whole) << 16, low: 0).predecessor
        let query = Query(
            namespace: address.namespace, keyPrefix: address.key, scope: [.items, .keysOnly], limit: 1)
        // The key itself comes before every longer key that begins like it.
        guard let oldest = try await store.backend.query(query, options).records.first,
            oldest.key == address.key, oldest.id <= bound
        else { return nil }
        return bound
    }
}
