internal import CHoldfastProvider
internal import HoldfastModel
internal import HoldfastSupport

extension StoreHandle {
    /// Lets the plugin answer a query.
    ///
    /// - Returns: nothing where it has no table for it, or leaves this one to the host.
    /// - Throws: `corrupt` or `internal` for an answer that is not one of this query.
    func select(_ query: Bytes, _ frame: CallFrame, _ context: CallContext) throws(HoldfastError) -> [Record]?
    {
        guard let table = extensions.select, let function = unsafe table.select else { return nil }
        let select: Select
        do {
            select = try Select(parsing: query.array)
        } catch {
            throw HoldfastError(.invalid, "\(error)")
        }
        let collector = RecordCollector(question(of: select), now: clock.unixMilliseconds)
        do throws(HoldfastError) {
            _ = try unsafe invoke("select", frame, context, collectors: [collector]) { store, call, sinks in
                unsafe function(store, call, hf_bytes(query), sinks)
            }
        } catch {
            guard error.code == .unsupported else { throw error }
            return nil
        }
        withExtendedLifetime(query) {}
        if let problem = SelectCheck(select).problem(in: collector.records) {
            throw broken("select", .corrupt, problem)
        }
        return collector.records
    }

    private func question(of select: Select) -> RecordCollector.Question {
        guard case .records(let hasValues) = select.answer else {
            return .rows(select.answer == .count ? 1 : UInt64(select.limit))
        }
        var scope: Query.Scope =
            switch select.scope {
            case .documents: [.documents]
            case .items: [.items]
            case .all: [.documents, .items]
            }
        if !hasValues { scope.insert(.keysOnly) }
        return .selection(
            Query(
                namespace: Bytes(select.namespace), keyPrefix: Bytes(select.key ?? select.prefix),
                scope: scope,
                limit: UInt64(select.limit)))
    }
}

/// Holds the answer to a query against the query.
struct SelectCheck {
    private let select: Select

    init(_ select: Select) { self.select = select }

    /// What is wrong with an answer, or nothing.
    func problem(in records: [Record]) -> String? {
        switch select.answer {
        case .count:
            guard records.count == 1 else { return "\(records.count) rows where a count was asked for" }
            return (try? SelectCount(parsing: records[0].value.array)) == nil ? "a count that is none" : nil
        case .groups(let grouping): return problem(in: records, grouping)
        case .records(let hasValues): return problem(in: records, hasValues: hasValues)
        }
    }

    private func problem(in records: [Record], _ grouping: SelectGrouping) -> String? {
        var last: [[UInt8]]?
        for record in records {
            let row: SelectGroups.Row
            do {
                row = try SelectGroups.Row(parsing: record.value.array, grouping)
            } catch {
                return "a row that is none: \(error)"
            }
            let isRising =
                last?.lexicographicallyPrecedes(row.by) { $0.lexicographicallyPrecedes($1) } ?? true
            guard isRising else { return "groups out of order" }
            last = row.by
        }
        return nil
    }

    private func problem(in records: [Record], hasValues: Bool) -> String? {
        let isAboutValues = select.order.contains { if case .value = $0.by { true } else { false } }
        // Without the values, only what does not depend on them can be looked at.
        let evaluator = SelectEvaluator(
            filter: hasValues ? select.filter : nil, outputs: select.order.map(\.by))
        var last = select.after.map { SelectRank($0.order, key: $0.key, id: $0.id, select) }
        for record in records {
            let meta = SelectMeta(record)
            if let key = select.key, meta.key != key { return "a record of another key" }
            let keys = record.value.withSpan {
                evaluator.keys(meta, record.flags.contains(.bytes) ? nil : $0)
            }
            guard let keys else { return "a record that the filter does not keep" }
            if !hasValues, isAboutValues { continue }
            let rank = SelectRank(keys, key: meta.key, id: meta.id, select)
            if let last, rank <= last { return "records out of order" }
            last = rank
        }
        return nil
    }
}

extension SelectMeta {
    /// What a query asks of a record besides its value.
    init(_ record: Record) {
        self.init(
            key: record.key.array, id: SelectID(high: record.id.high, low: record.id.low),
            version: SelectID(high: record.version.high, low: record.version.low))
    }
}
