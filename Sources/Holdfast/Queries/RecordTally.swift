internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// What the records of a scan, in the order of key and id, are summed up to.
protocol RecordTally: Sendable {
    associatedtype Element: Sendable
    /// The most elements.
    var limit: Int { get }
    /// What there is so far.
    var elements: [Element] { get }
    /// Counts a record, unless it belongs to an element beyond the limit: then no more are wanted.
    mutating func add(_ record: Record) throws(HoldfastError) -> Bool
    /// Counts all of a list, unless it belongs to an element beyond the limit: then no more are wanted.
    mutating func add(_ list: ListSummary) throws(HoldfastError) -> Bool
    /// Where the next page begins, once a record was not wanted.
    func next(_ question: ScanQuestion) -> Cursor?
}

extension HistoryStore {
    /// One page of what a scan is summed up to, however many records that takes.
    func page<Tally: RecordTally>(
        _ question: ScanQuestion, into tally: Tally, after cursor: Cursor?, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<Tally.Element, Cursor> {
        var tally = tally
        var cursor = cursor
        var source = ""
        var degradations: [Degradation] = []
        func page(next: Cursor?) -> Page<Tally.Element, Cursor> {
            Page(tally.elements, next: next, source: source, degradations: degradations)
        }
        repeat {
            if let lists = try await summaries(question, limit: tally.limit, after: cursor, options) {
                source = lists.source
                for degradation in lists.degradations where !degradations.contains(degradation) {
                    degradations.append(degradation)
                }
                for list in lists {
                    guard try tally.add(list) else { return page(next: tally.next(question)) }
                }
                cursor = lists.next
                continue
            }
            let part = try await self.page(
                question, limit: tally.limit == 0 ? 0 : PageLimit.maximum, after: cursor, options)
            source = part.source
            for degradation in part.degradations where !degradations.contains(degradation) {
                degradations.append(degradation)
            }
            for record in part.elements {
                guard try tally.add(record) else { return page(next: tally.next(question)) }
            }
            cursor = part.next
        } while cursor != nil
        return page(next: nil)
    }

    /// The next lists of a scan, where the backend sums them up itself.
    private func summaries(
        _ question: ScanQuestion, limit: Int, after cursor: Cursor?, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<ListSummary, Cursor>? {
        // One more than are wanted says whether there is a page behind this one.
        let limit = min(limit + 1, PageLimit.maximum)
        let query = try question.query(limit: limit, after: cursor)
        guard limit > 1 else { return nil }
        let request = DomainRequest(.listSummaries) { arguments in
            arguments.member("prefix", query.keyPrefix.description)
        }
        let answer = try await whole(request, options) { [DomainCall.Part("lists", query.lists, .rows)] }
        guard let answer else { return nil }
        let lists = try Self.lists(in: try request.rows(0, of: answer), query) {
            request.wrong($0, from: answer)
        }
        let isFull = lists.count == limit
        return Page(
            lists,
            next: isFull
                ? lists.last.map {
                    question.cursor(afterKeyOf: Record(namespace: .empty, key: Bytes($0.key)))
                }
                : nil, source: answer.source, degradations: answer.degradations)
    }

    /// The lists that rows sum up, in order, below the prefix and behind the place of a scan.
    private static func lists(
        in rows: [DomainRow], _ query: Query, wrong: (String) -> HoldfastError
    ) throws(HoldfastError) -> [ListSummary] {
        var lists: [ListSummary] = []
        // A page may begin inside a list, whose rest then is the first row.
        let isInside = query.after.map { $0.id < .max } ?? false
        var last = query.after?.address.key ?? .empty
        for row in rows {
            guard let list = ListSummary(row) else { throw wrong("a row that sums up no list") }
            let key = Bytes(list.key)
            guard key.hasPrefix(query.keyPrefix) else {
                throw wrong("a key without the prefix that was asked for")
            }
            let isNext = key > last || (key == last && isInside && lists.isEmpty)
            guard isNext else { throw wrong("lists out of order") }
            last = key
            lists.append(list)
        }
        return lists
    }
}

extension Query {
    /// The same scan of items, as a query for their keys.
    fileprivate var lists: Bytes {
        var select = Select(
            namespace: namespace.array, prefix: keyPrefix.array, scope: .items, limit: Int(limit),
            answer: .records(values: false))
        select.after = after.map {
            Select.Place(
                order: [], key: $0.address.key.array, id: SelectID(high: $0.id.high, low: $0.id.low))
        }
        return Bytes(select.json)
    }
}
