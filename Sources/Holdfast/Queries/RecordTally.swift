internal import HoldfastChain
internal import HoldfastModel

/// What the records of a scan, in the order of key and id, are summed up to.
protocol RecordTally: Sendable {
    associatedtype Element: Sendable
    /// The most elements.
    var limit: Int { get }
    /// What there is so far.
    var elements: [Element] { get }
    /// Counts a record, unless it belongs to an element beyond the limit: then no more are wanted.
    mutating func add(_ record: Record) throws(HoldfastError) -> Bool
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
}
