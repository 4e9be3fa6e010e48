public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Documents {
    /// Finds documents by what they hold, in any order.
    ///
    /// - Parameters:
    ///   - selection: which documents, and in which order.
    ///   - offset: how many of them to leave out, 0 to 100 000; a cursor is cheaper.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: a page, and the cursor of the one that follows.
    /// - Throws: `invalid` for a selection that is too large or not well formed, and a cursor of another one.
    public func select(
        _ selection: Selection, offset: Int = 0, limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Document, Cursor> {
        let question = try SelectionQuestion(selection, of: .documents, in: namespace)
        let page = try await store.page(question, offset: offset, limit: limit, after: cursor, options)
        let elements = try page.elements.map { record throws(HoldfastError) in try Document(record) }
        return Page(elements, next: page.next, source: page.source, degradations: page.degradations)
    }

    /// Counts the documents of a selection.
    ///
    /// - Parameters:
    ///   - selection: which documents; their order does not matter.
    ///   - options: how long it may take.
    /// - Returns: how many there are.
    /// - Throws: as ``select(_:offset:limit:after:_:)``.
    public func count(
        _ selection: Selection = Selection(), _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<Int> {
        try await store.count(try SelectionQuestion(selection, of: .documents, in: namespace), options)
    }

    /// Groups the documents of a selection, and computes figures of each group.
    ///
    /// - Parameters:
    ///   - selection: which documents; their order does not matter.
    ///   - operands: up to four; none makes one group of all, or no group where there is nothing.
    ///   - aggregates: up to eight.
    ///   - limit: at most so many groups, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - options: how long it may take.
    /// - Returns: the groups in the order of what they are grouped by.
    /// - Throws: `exhausted` for more than 10 000 groups.
    public func groups(
        _ selection: Selection = Selection(), by operands: [Operand], _ aggregates: [Aggregate] = [],
        limit: Int? = nil, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<[RecordGroup]> {
        let question = try SelectionQuestion(selection, of: .documents, in: namespace)
        return try await store.groups(question, by: operands, aggregates, limit: limit, options)
    }
}
