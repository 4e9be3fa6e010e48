public import HoldfastChain
public import HoldfastModel

extension Lists {
    /// Reads a page of a list.
    ///
    /// - Parameters:
    ///   - key: which list; one without items answers an empty page.
    ///   - range: which items; the latest ``PageLimit/standard``, if nothing is said.
    ///   - options: how long it may take.
    /// - Returns: the items, and the range of the page that follows.
    /// - Throws: `invalid` for a limit below zero or too high, `corrupt` when stored bytes are damaged, never an
    ///   empty page in place of an error.
    public func page(
        of key: String, _ range: ListRange = ListRange(), _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Item, ListRange> {
        try await page(of: key, range, options) { Item($0, key: key) }
    }

    /// Reads a page of a list, and makes each element of it once.
    func page<Element>(
        of key: String, _ range: ListRange, _ options: CallOptions, _ make: (borrowing Record) -> Element
    ) async throws(HoldfastError) -> Page<Element, ListRange> {
        let address = try namespace.address(key)
        let limit = try PageLimit.checked(range.limit)
        let options = try Edge.checked(options)
        guard limit > 0 else { return Page([], next: nil) }
        let request = ReadRequest(address, range: range.request(limit: limit))
        let answer = try await store.read([request], options)
        let records = answer.results[0]
        guard records.count <= limit else {
            throw HoldfastError(.internal, "the backend answered \(records.count) items for \(limit)")
        }
        let next = records.count == limit ? records.last.map { range.following($0.id) } : nil
        var elements: [Element] = []
        elements.reserveCapacity(records.count)
        for index in records.indices {
            elements.append(make(records[range.order == .latest ? records.count - 1 - index : index]))
        }
        return Page(elements, next: next, source: answer.source, degradations: answer.degradations)
    }

    /// Reads one item.
    ///
    /// - Parameters:
    ///   - id: which item.
    ///   - key: which list.
    ///   - options: how long it may take.
    /// - Returns: the item, and who answered.
    /// - Throws: `notFound` when the item is not there, or not any more.
    public func item(
        _ id: Version, of key: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<Item> {
        let range = ListRange(.ascending, after: id.predecessor, before: id.successor, limit: 1)
        let page = try await page(of: key, range, options)
        guard !id.isZero, let item = page.elements.first, item.id == id else {
            throw HoldfastError(.notFound, "there is no item \(id) in list \"\(key)\"")
        }
        return Answer(item, source: page.source, degradations: page.degradations)
    }

    /// Streams a list of any length.
    ///
    /// - Parameters:
    ///   - key: which list.
    ///   - range: which items; its limit is for the whole stream, and may be of any height; nothing is all. The
    ///     order ``ListRange/Order-swift.enum/latest`` needs a limit up to ``PageLimit/maximum`` here, since its first
    ///     item is found last.
    ///   - options: how long each page may take.
    /// - Returns: a sequence that reads page by page.
    public func stream(
        of key: String, _ range: ListRange = ListRange(.ascending), _ options: CallOptions = CallOptions()
    ) -> RecordStream<Item> {
        RecordStream { () async throws(HoldfastError) in
            guard range.order != .latest else {
                guard range.limit != nil else {
                    throw HoldfastError(
                        .invalid, "a stream of the latest items needs a limit, or another order")
                }
                return RecordStream.Part(
                    elements: try await page(of: key, range, options).elements, following: nil)
            }
            if let limit = range.limit { _ = try PageLimit.checked(min(limit, PageLimit.maximum)) }
            return try await part(of: key, range, remaining: range.limit ?? .max, options)
        }
    }

    private func part(
        of key: String, _ range: ListRange, remaining: Int, _ options: CallOptions
    ) async throws(HoldfastError) -> RecordStream<Item>.Part {
        var range = range
        range.limit = min(remaining, Scan.streamPageCount)
        let page = try await page(of: key, range, options)
        let left = remaining == .max ? .max : remaining - page.count
        guard let next = page.next, left > 0 else {
            return RecordStream.Part(elements: page.elements, following: nil)
        }
        return RecordStream.Part(elements: page.elements) { () async throws(HoldfastError) in
            try await part(of: key, next, remaining: left, options)
        }
    }
}

extension Version {
    /// The next lower version; the lowest is its own predecessor.
    var predecessor: Version {
        if low > 0 { return Version(high: high, low: low - 1) }
        return high > 0 ? Version(high: high - 1, low: .max) : self
    }
}
