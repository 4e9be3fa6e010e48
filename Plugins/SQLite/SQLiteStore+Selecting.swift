internal import HoldfastProviderKit
internal import HoldfastSupport

extension SQLiteStore: SelectStore {
    /// Answers a query with one statement: see ``SQLiteSelectPlan``.
    func select(_ query: BorrowedBytes, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
    {
        let select: Select
        do throws(SelectError) {
            select = try Select(parsing: query.array)
        } catch {
            throw ProviderError(.unsupported, error.description)
        }
        try connection.begin(call)
        defer { connection.end() }
        let excess: SelectError?
        do throws(SQLiteError) {
            try checkFile()
            try statements.beginReading.run()
            defer { connection.rollBack(statements.rollback) }
            // Which fields are declared, and so how values are filed, belongs to what is read.
            let plan = SQLiteSelectPlan(
                select, try SQLiteFieldIndexes(on: connection), now: host.unixMilliseconds)
            defer { withExtendedLifetime(plan) {} }
            selectFunction.begin(select)
            let statement = try scanStatement(plan.sql)
            defer { statement.reset() }
            plan.bind(statement)
            excess = try answer(select, statement, into: &sink)
        } catch {
            throw connection.failure(error)
        }
        if let excess { throw ProviderError(.exhausted, excess.description) }
    }

    /// Passes on what a statement finds.
    ///
    /// - Returns: what was too much, or nothing.
    private func answer(
        _ select: Select, _ statement: SQLiteStatement, into sink: inout RecordSink
    ) throws(SQLiteError) -> SelectError? {
        switch select.answer {
        case .count:
            let count = try statement.step() ? UInt64(clamping: statement.integer(0)) : 0
            push(SelectCount(count).json, into: &sink)
        case .groups(let grouping): return try answer(select, grouping, statement, into: &sink)
        case .records:
            while try statement.step() {
                let id = try statement.id(2)
                let record = unsafe OutgoingRecord(
                    BorrowedAddress(
                        namespace: BorrowedBytes(statement.bytes(0)), key: BorrowedBytes(statement.bytes(1))),
                    id: id, version: try statement.version(3), value: BorrowedBytes(statement.bytes(6)),
                    expiresAt: statement.integer(5), flags: statement.recordFlags(4))
                if !sink.push(record) { break }
            }
        }
        return nil
    }

    private func answer(
        _ select: Select, _ grouping: SelectGrouping, _ statement: SQLiteStatement,
        into sink: inout RecordSink
    ) throws(SQLiteError) -> SelectError? {
        var groups = SelectGroups(grouping)
        while try statement.step() {
            let keys = unsafe SQLiteSelectFunction.parts(of: [UInt8](statement.bytes(0)))
            do throws(SelectError) {
                try groups.add(keys, count: UInt64(clamping: statement.integer(1)))
            } catch {
                return error
            }
        }
        for row in groups.rows.dropFirst(select.offset).prefix(select.limit) { push(row.json, into: &sink) }
        return nil
    }

    private func push(_ json: [UInt8], into sink: inout RecordSink) {
        let row = OwnedBytes(copying: json)
        defer { withExtendedLifetime(row) {} }
        let nowhere = BorrowedAddress(namespace: .empty, key: .empty)
        _ = sink.push(OutgoingRecord(nowhere, version: .zero, value: row.borrowed))
    }
}
