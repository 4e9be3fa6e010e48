internal import HoldfastChain
internal import HoldfastModel
internal import HoldfastSupport

/// A selection that was checked, and what its cursors are sealed with.
struct SelectionQuestion: Sendable {
    private var select: Select
    private let keysOnly: Bool

    init(_ selection: Selection, of scope: Select.Scope, in namespace: Namespace) throws(HoldfastError) {
        let prefix = try namespace.prefix(selection.prefix)
        var select = Select(namespace: try namespace.checked().array, prefix: prefix.array, scope: scope)
        if let key = selection.key {
            select.key = try namespace.address(key).key.array
            guard key.utf8.starts(with: selection.prefix.utf8) else {
                throw HoldfastError(
                    .invalid, "key \"\(key)\" does not begin with prefix \"\(selection.prefix)\"")
            }
            select.prefix = []
        }
        do throws(SelectError) {
            select.filter = try selection.predicate.map { predicate throws(SelectError) in
                if let problem = predicate.problem { throw SelectError(problem) }
                return try SelectFilter(parsing: predicate.json)
            }
            select.order = try selection.order.map { part throws(SelectError) in
                Select.Order(by: try SelectText.operand(part.operand.text), isDescending: part.isDescending)
            }
            try select.check()
        } catch {
            throw HoldfastError(.invalid, "\(error)")
        }
        self.select = select
        keysOnly = selection.keysOnly
    }

    /// The question for a page of records.
    func page(offset: Int, limit: Int, after cursor: Cursor?) throws(HoldfastError) -> Bytes {
        guard (0...SelectLimits.offsetMax).contains(offset) else {
            throw HoldfastError(.invalid, "offset is \(offset), expected 0 to \(SelectLimits.offsetMax)")
        }
        var page = select
        page.offset = offset
        page.limit = limit
        page.after = try cursor.map { cursor throws(HoldfastError) in try cursor.orderedPlace(in: seal) }
        // The cursor of the next page is made of the value where the order is.
        page.answer = .records(values: !keysOnly || isOrderedByValue)
        return Bytes(page.json)
    }

    /// The page that an answer to ``page(offset:limit:after:)`` is.
    func page(of answer: QueryAnswer, limit: Int) -> Page<Record, Cursor> {
        let isFull = answer.records.count == limit
        return Page(
            answer.records.map(answered), next: isFull ? answer.records.last.map(cursor) : nil,
            source: answer.source, degradations: answer.degradations)
    }

    /// The question for a count.
    var count: Bytes {
        var count = select
        count.order = []
        count.answer = .count
        return Bytes(count.json)
    }

    /// The question for groups.
    func groups(
        by operands: [Operand], _ aggregates: [Aggregate], limit: Int
    ) throws(HoldfastError) -> (query: Bytes, grouping: SelectGrouping) {
        do throws(SelectError) {
            let by = try operands.map { operand throws(SelectError) in try SelectText.operand(operand.text) }
            let figures = try aggregates.map { aggregate throws(SelectError) in
                guard let function = SelectGrouping.Aggregate.Function(rawValue: aggregate.function) else {
                    throw SelectError("the aggregate \(aggregate.function) is not known")
                }
                return SelectGrouping.Aggregate(function, of: try SelectText.operand(aggregate.operand.text))
            }
            var groups = select
            groups.order = []
            groups.limit = limit
            let grouping = SelectGrouping(by: by, aggregates: figures)
            groups.answer = .groups(grouping)
            try groups.check()
            return (Bytes(groups.json), grouping)
        } catch {
            throw HoldfastError(.invalid, "\(error)")
        }
    }

    /// The record as it is answered, and where the page behind it goes on.
    func answered(_ record: Record) -> Record {
        guard keysOnly else { return record }
        var bare = record
        bare.value = .empty
        return bare
    }

    func cursor(after record: Record) -> Cursor {
        let meta = SelectMeta(
            key: record.key.array, id: SelectID(high: record.id.high, low: record.id.low),
            version: SelectID(high: record.version.high, low: record.version.low))
        let place = record.value.withSpan { text in
            select.place(of: meta, record.flags.contains(.bytes) ? nil : text)
        }
        return Cursor(place, question: seal)
    }

    private var isOrderedByValue: Bool {
        select.order.contains { if case .value = $0.by { true } else { false } }
    }

    /// What decides the meaning of a cursor: all of the question but the page.
    var seal: [UInt8] { select.json }
}

extension HistoryStore {
    /// One page of a selection.
    func page(
        _ question: SelectionQuestion, offset: Int, limit: Int?, after cursor: Cursor?,
        _ options: CallOptions,
        as request: DomainRequest? = nil
    ) async throws(HoldfastError) -> Page<Record, Cursor> {
        let limit = try PageLimit.checked(limit)
        let query = try question.page(offset: offset, limit: limit, after: cursor)
        _ = try Edge.checked(options)
        guard limit > 0 else { return Page([], next: nil) }
        let answer = try await select(query, as: request, options)
        guard answer.records.count <= limit else {
            throw HoldfastError(
                .internal, "the backend answered \(answer.records.count) records for \(limit)")
        }
        return question.page(of: answer, limit: limit)
    }

    /// How many records a selection has.
    func count(_ question: SelectionQuestion, _ options: CallOptions) async throws(HoldfastError) -> Answer<
        Int
    > {
        let answer = try await backend.select(question.count, try Edge.checked(options))
        guard let row = answer.records.first, let count = try? SelectCount(parsing: row.value.array) else {
            throw HoldfastError(.internal, "the backend answered no count")
        }
        return Answer(Int(clamping: count.count), source: answer.source, degradations: answer.degradations)
    }

    /// The groups of a selection.
    func groups(
        _ question: SelectionQuestion, by operands: [Operand], _ aggregates: [Aggregate], limit: Int?,
        _ options: CallOptions, as request: DomainRequest? = nil
    ) async throws(HoldfastError) -> Answer<[RecordGroup]> {
        let limit = try PageLimit.checked(limit)
        let (query, grouping) = try question.groups(by: operands, aggregates, limit: limit)
        let answer = try await select(query, as: request, options)
        return Answer(
            try RecordGroup.groups(in: answer.records, grouping), source: answer.source,
            degradations: answer.degradations)
    }
}

extension RecordGroup {
    /// The groups that rows say.
    static func groups(
        in rows: [Record], _ grouping: SelectGrouping
    ) throws(HoldfastError) -> [RecordGroup] {
        try rows.map { record throws(HoldfastError) in
            do throws(SelectError) {
                return RecordGroup(try SelectGroups.Row(parsing: record.value.array, grouping))
            } catch {
                throw HoldfastError(.internal, "the backend answered a row that is none: \(error)")
            }
        }
    }

    private init(_ row: SelectGroups.Row) {
        by = row.by.map { SortKey.json($0).map { Filter.Scalar(json: Bytes($0)) } }
        count = Int(clamping: row.count)
        figures = row.figures.map { $0.map { Filter.Scalar(json: Bytes($0)) } }
    }
}
