public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

/// Documents, or items of lists, of one namespace: what is found, counted and grouped by what it holds.
public protocol RecordView: Sendable {
    /// A document, or an item.
    associatedtype Element: Sendable
    /// Where they are.
    var records: RecordSource<Element> { get }
}

/// Where the records of a view are, and what they are made into.
public struct RecordSource<Element: Sendable>: Sendable {
    let store: HistoryStore
    let namespace: Namespace
    let scope: Select.Scope
    let element: @Sendable (Record) throws(HoldfastError) -> Element

    var scanned: Query.Scope { scope == .documents ? .documents : .items }
}

extension Documents: RecordView {
    /// See ``RecordView``.
    public var records: RecordSource<Document> {
        RecordSource(store: store, namespace: namespace, scope: .documents) {
            (record) throws(HoldfastError) in try Document(record)
        }
    }
}

extension Lists: RecordView {
    /// See ``RecordView``.
    public var records: RecordSource<Item> {
        RecordSource(store: store, namespace: namespace, scope: .items) {
            (record) throws(HoldfastError) in try Item(record)
        }
    }
}

extension RecordView {
    /// Scans in the order of keys, and items of one key in the order of their ids.
    ///
    /// - Parameters:
    ///   - scan: which records, and in which direction.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: a page, and the cursor of the one that follows.
    /// - Throws: `invalid` for a limit below zero or a cursor of another scan.
    public func scan(
        _ scan: Scan = Scan(), limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Element, Cursor> {
        let records = records
        let question = try ScanQuestion(scan, of: records.scanned, in: records.namespace)
        return try await records.store.page(question, limit: limit, after: cursor, options)
            .mapPage(records.element)
    }

    /// Streams everything that a scan finds.
    public func stream(
        _ scan: Scan = Scan(), _ options: CallOptions = CallOptions()
    ) -> RecordStream<Element> {
        RecordStream(from: nil) { (cursor: Cursor?) async throws(HoldfastError) -> Page<Element, Cursor> in
            try await self.scan(scan, limit: Scan.streamPageCount, after: cursor, options)
        }
    }

    /// Finds records by what they hold, in any order.
    ///
    /// - Parameters:
    ///   - selection: which records, and in which order.
    ///   - offset: how many of them to leave out, 0 to 100 000; a cursor is cheaper.
    ///   - limit: at most so many, 0 to ``PageLimit/maximum``; nothing is ``PageLimit/standard``.
    ///   - cursor: where the page before ended.
    ///   - options: how long it may take.
    /// - Returns: a page, and the cursor of the one that follows.
    /// - Throws: `invalid` for a selection that is too large or not well formed, and a cursor of another one.
    public func select(
        _ selection: Selection, offset: Int = 0, limit: Int? = nil, after cursor: Cursor? = nil,
        _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<Element, Cursor> {
        try await records.store.page(
            question(selection), offset: offset, limit: limit, after: cursor, options
        ).mapPage(records.element)
    }

    /// Counts the records of a selection.
    ///
    /// - Parameters:
    ///   - selection: which records; their order does not matter.
    ///   - options: how long it may take.
    /// - Returns: how many there are.
    /// - Throws: as ``select(_:offset:limit:after:_:)``.
    public func count(
        _ selection: Selection = Selection(), _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Answer<Int> {
        try await records.store.count(question(selection), options)
    }

    /// Groups the records of a selection, and computes figures of each group.
    ///
    /// - Parameters:
    ///   - selection: which records; their order does not matter.
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
        try await records.store.groups(
            question(selection), by: operands, aggregates, limit: limit, options)
    }

    /// A selection that may be an operation of the domain by itself; else as the public one.
    func select(
        _ selection: Selection, as request: DomainRequest, offset: Int = 0, limit: Int? = nil,
        after cursor: Cursor? = nil, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<Element, Cursor> {
        try await records.store.page(
            question(selection), offset: offset, limit: limit, after: cursor, options, as: request
        ).mapPage(records.element)
    }

    /// The question that a selection is.
    func question(_ selection: Selection) throws(HoldfastError) -> SelectionQuestion {
        try SelectionQuestion(selection, of: records.scope, in: records.namespace)
    }
}
