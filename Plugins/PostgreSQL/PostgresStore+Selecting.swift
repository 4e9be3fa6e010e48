internal import HoldfastProviderKit
internal import HoldfastSupport

extension PostgresStore: SelectStore {
    /// Answers a query with one statement, where the fields that it looks at are declared.
    ///
    /// - Throws: `unsupported` for any other, and while something in the namespace is not filed under its fields.
    func select(_ query: BorrowedBytes, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
    {
        let select: Select
        do throws(SelectError) {
            select = try Select(parsing: query.array)
        } catch {
            throw ProviderError(.unsupported, error.description)
        }
        guard let plan = PostgresSelectPlan(select, facets, tables, now: host.unixMilliseconds) else {
            if try selectWords(select, into: &sink, call) { return }
            throw ProviderError(.unsupported, "the query looks at more than declared fields and the key")
        }
        let namespace = OwnedBytes(copying: select.namespace)
        defer { withExtendedLifetime(namespace) {} }
        if plan.usesFields, try !facets.isFiled(namespace.borrowed, connection, tables, call) {
            throw ProviderError(
                .unsupported, "another host writes to the namespace without declaring its fields")
        }
        switch select.answer {
        case .count:
            var count: Int64 = 0
            try connection.run([plan.request], call: call) { _, result throws(ProviderError) in
                if result.rowCount > 0 { count = result.integer(0, 0) }
            }
            push(SelectCount(UInt64(clamping: count)).json, into: &sink)
        case .groups(let grouping): try group(select, grouping, plan, into: &sink, call)
        case .records: try records(plan, into: &sink, call)
        }
    }

    private func records(
        _ plan: PostgresSelectPlan, into sink: inout RecordSink, _ call: CallContext
    ) throws(ProviderError) {
        try connection.run([plan.request], call: call, streams: true) { _, result throws(ProviderError) in
            for row in 0..<result.rowCount {
                let record = OutgoingRecord(
                    BorrowedAddress(namespace: result.bytes(row, 0), key: result.bytes(row, 1)),
                    id: try result.version(row, 2), version: try result.version(row, 3),
                    value: result.bytes(row, 6), expiresAt: result.integer(row, 5),
                    flags: result.flags(row, 4))
                _ = sink.push(record)
            }
        }
    }

    /// Adds the figures of groups: the server counts what is alike, the exact sums are made here.
    private func group(
        _ select: Select, _ grouping: SelectGrouping, _ plan: PostgresSelectPlan, into sink: inout RecordSink,
        _ call: CallContext
    ) throws(ProviderError) {
        var groups = SelectGroups(grouping)
        var excess: SelectError?
        try connection.run([plan.request], call: call, streams: true) { _, result throws(ProviderError) in
            for row in 0..<result.rowCount where excess == nil {
                let count = UInt64(clamping: result.integer(row, Int32(plan.columns.count)))
                // Without a column to group by, the server answers one row also for nothing.
                if count == 0 { continue }
                let keys = try plan.keys(result, row)
                do throws(SelectError) {
                    try groups.add(keys, count: count)
                } catch {
                    excess = error
                }
            }
        }
        if let excess { throw ProviderError(.exhausted, excess.description) }
        for row in groups.rows.dropFirst(select.offset).prefix(select.limit) { push(row.json, into: &sink) }
    }

    /// Passes on a row of an answer that is no record.
    func push(_ json: [UInt8], into sink: inout RecordSink) {
        let row = OwnedBytes(copying: json)
        defer { withExtendedLifetime(row) {} }
        let nowhere = BorrowedAddress(namespace: .empty, key: .empty)
        _ = sink.push(OutgoingRecord(nowhere, version: .zero, value: row.borrowed))
    }
}
