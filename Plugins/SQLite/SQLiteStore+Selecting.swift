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
        let excess = try reading(call) { indexes throws(SQLiteError) in
            let plan = SQLiteSelectPlan(select, indexes, now: host.unixMilliseconds)
            selectFunction.begin(select)
            return try run(plan) { statement throws(SQLiteError) in
                try answer(select, statement, into: &sink)
            }
        }
        if let excess { throw ProviderError(.exhausted, excess.description) }
    }

    /// Runs what sees one state of the file.
    ///
    /// - Parameters:
    ///   - call: deadline and cancellation.
    ///   - body: gets the indexes of that state: which fields are declared, and so how values are filed, belongs to what is
    ///     read.
    /// - Returns: what the body returns.
    /// - Throws: what SQLite says, as the host is told.
    func reading<Result>(
        _ call: CallContext, _ body: (SQLiteFieldIndexes) throws(SQLiteError) -> Result
    ) throws(ProviderError) -> Result {
        try connection.begin(call)
        defer { connection.end() }
        do throws(SQLiteError) {
            try checkFile()
            try statements.beginReading.run()
            defer { connection.rollBack(statements.rollback) }
            return try body(try SQLiteFieldIndexes(on: connection))
        } catch {
            throw connection.failure(error)
        }
    }

    /// Runs the statement of a plan.
    func run<Result>(
        _ plan: SQLiteSelectPlan, _ body: (SQLiteStatement) throws(SQLiteError) -> Result
    ) throws(SQLiteError) -> Result {
        defer { withExtendedLifetime(plan) {} }
        let statement = try scanStatement(plan.sql)
        defer { statement.reset() }
        plan.bind(statement)
        return try body(statement)
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

    /// Passes on a row.
    ///
    /// - Parameters:
    ///   - json: what it says.
    ///   - part: of an operation, by its name; a query has none.
    ///   - sink: takes it.
    /// - Returns: whether more are wanted.
    @discardableResult
    func push(_ json: [UInt8], of part: String = "", into sink: inout RecordSink) -> Bool {
        let row = OwnedBytes(copying: json)
        let key = OwnedBytes(copying: Array(part.utf8))
        defer { withExtendedLifetime((row, key)) {} }
        let address = BorrowedAddress(namespace: .empty, key: key.borrowed)
        return sink.push(OutgoingRecord(address, version: .zero, value: row.borrowed))
    }
}
