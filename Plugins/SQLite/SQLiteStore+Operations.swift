internal import HoldfastProviderKit
internal import HoldfastSupport

/// The operations of the domain that are cheaper in the file than through the host: see docs/reference/operations.md.
///
/// Lists are summed up without handing out one record for each item, and the statistics of an agent read its tool calls
/// once instead of three times.
extension SQLiteStore: DomainStore {
    private enum Operation: String, CaseIterable {
        case aggregateStats = "aggregate_stats"
        case listSummaries = "list_summaries"
    }

    var operations: [String] { Operation.allCases.map(\.rawValue) }

    func invoke(
        _ operation: String, arguments: BorrowedBytes, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError) {
        let queries = try Queries(arguments)
        switch Operation(rawValue: operation) {
        case .aggregateStats: try aggregateStats(queries, into: &sink, call)
        case .listSummaries: try listSummaries(queries, into: &sink, call)
        case nil: throw ProviderError(.unsupported, "the operation \(operation) is left to the host")
        }
    }

    /// The queries that an operation stands for, by name.
    private struct Queries {
        private let node: JSONNode

        init(_ text: BorrowedBytes) throws(ProviderError) {
            guard let queries = (try? JSONNode(text.array))?["queries"] else {
                throw ProviderError(.unsupported, "an operation without queries is left to the host")
            }
            node = queries
        }

        subscript(name: String) -> Select {
            get throws(ProviderError) {
                guard let text = node[name]?.bytes, let select = try? Select(parsing: Array(text)) else {
                    throw ProviderError(.unsupported, "an operation without \"\(name)\" is left to the host")
                }
                return select
            }
        }
    }

    private func listSummaries(
        _ queries: Queries, into sink: inout RecordSink, _ call: CallContext
    ) throws(ProviderError) {
        let select = try queries["lists"]
        try reading(call) { _ throws(SQLiteError) in
            let plan = SQLiteSelectPlan(summingUp: select, now: host.unixMilliseconds)
            try run(plan) { statement throws(SQLiteError) in
                var isWanted = true
                while isWanted, try statement.step() {
                    var writer = JSONWriter()
                    writer.object { row in
                        row.member("key", json: unsafe JSONText.quoted([UInt8](statement.bytes(0))))
                        row.member("count", statement.integer(1))
                        for (column, name) in [(2, "first"), (3, "last")] {
                            let id = unsafe SelectText.hexadecimal([UInt8](statement.bytes(Int32(column))))
                            row.member(name, json: JSONText.quoted(id))
                        }
                    }
                    isWanted = push(writer.bytes, of: "lists", into: &sink)
                }
            }
        }
    }

    private func aggregateStats(
        _ queries: Queries, into sink: inout RecordSink, _ call: CallContext
    ) throws(ProviderError) {
        let names = try queries["toolCallsByName"]
        let states = try queries["toolCallsByState"]
        guard case .groups(let byName) = names.answer, case .groups(let byState) = states.answer,
            byName.by.count == 1, byState.by.count == 1, byName.aggregates.isEmpty,
            byState.aggregates.isEmpty
        else { throw ProviderError(.unsupported, "other groups are left to the host") }
        let counted = [("messages", try queries["messages"]), ("snapshots", try queries["snapshots"])]
        var calls = try queries["toolCalls"]
        calls.answer = .groups(SelectGrouping(by: byName.by + byState.by))
        let excess = try reading(call) { indexes throws(SQLiteError) -> SelectError? in
            for (part, select) in counted {
                selectFunction.begin(select)
                let count = try run(SQLiteSelectPlan(select, indexes, now: host.unixMilliseconds)) {
                    statement throws(SQLiteError) in
                    try statement.step() ? UInt64(clamping: statement.integer(0)) : 0
                }
                push(SelectCount(count).json, of: part, into: &sink)
            }
            selectFunction.begin(calls)
            var groups = (names: SelectGroups(byName), states: SelectGroups(byState))
            var total: UInt64 = 0
            let excess = try run(SQLiteSelectPlan(calls, indexes, now: host.unixMilliseconds)) {
                statement throws(SQLiteError) -> SelectError? in
                while try statement.step() {
                    let keys = unsafe SQLiteSelectFunction.parts(of: [UInt8](statement.bytes(0)))
                    let count = UInt64(clamping: statement.integer(1))
                    total += count
                    do throws(SelectError) {
                        try groups.names.add([keys[0]], count: count)
                        try groups.states.add([keys[1]], count: count)
                    } catch {
                        return error
                    }
                }
                return nil
            }
            push(SelectCount(total).json, of: "toolCalls", into: &sink)
            for row in groups.names.rows.prefix(names.limit) {
                push(row.json, of: "toolCallsByName", into: &sink)
            }
            for row in groups.states.rows.prefix(states.limit) {
                push(row.json, of: "toolCallsByState", into: &sink)
            }
            return excess
        }
        if let excess { throw ProviderError(.exhausted, excess.description) }
    }
}
