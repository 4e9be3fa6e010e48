internal import HoldfastModel
internal import HoldfastSupport

extension StoreCase {
    /// Operations of the domain that are answered in the backend.
    static let operationCases: [StoreCase] = [
        StoreCase(
            "operations.statistics",
            "aggregate_stats counts and groups what its queries keep, and nothing else"
        ) { trial in
            try await trial.statistics()
        },
        StoreCase(
            "operations.lists", "list_summaries sums up each list with a visible item, page by page, in order"
        ) { trial in
            try await trial.listSummaries()
        },
        StoreCase(
            "operations.merged",
            "merged_messages has the items of all lists below a prefix by arrival, page by page"
        ) { trial in
            try await trial.mergedMessages()
        },
    ]
}

extension StoreTrial {
    /// Asks for an operation, or ends the case where the store leaves it to the host.
    private func answer(_ call: DomainCall) async throws -> [[Record]] {
        guard store.info.operations.contains(call.operation) else {
            throw ConformanceSkip(reason: "the store does not name \(call.operation)")
        }
        guard let answer = try await store.invoke(call, .unbounded) else {
            throw ConformanceSkip(reason: "the store leaves \(call.operation) to the host")
        }
        try expectEqual(answer.count, call.parts.count, "parts of \(call.operation)")
        return answer
    }

    /// Lists and documents below several prefixes, some of them removed or expired.
    private func records(in namespace: Bytes) async throws -> [Record] {
        var random = random
        var records: [Record] = []
        for key in ["a", "a/", "a/b", "a/b/é", "a/bc", "a/b\u{1}\"\\", "a0", "b/a"] as [Bytes] {
            for _ in 0..<Int(random.next() % 4) + 1 {
                let version = version()
                let name = ["\"x\"", "\"y \\\"\\u0001\"", "\"z\""][Int(random.next() % 3)]
                let isItem = random.next() % 3 > 0
                let state = random.next() % 8
                records.append(
                    Record(
                        namespace: namespace, key: key, id: isItem ? version : .zero, version: version,
                        value: state == 0 ? .empty : Bytes("{\"name\":\(name),\"state\":\"S\(state % 2)\"}"),
                        expiresAt: state == 1 ? 1 : 0, flags: state == 0 ? .removed : []))
            }
        }
        try await apply(records.map { Change(.put, $0) })
        var newest: [Query.Cursor: Record] = [:]
        for record in records { newest[Query.Cursor(address: record.address, id: record.id)] = record }
        return newest.values.filter { $0.isVisible(at: now) }
    }

    private func other(_ name: String) -> Bytes { Bytes("\(namespace)/\(name)") }

    fileprivate func statistics() async throws {
        let records = try await records(in: namespace) + records(in: other("snapshots"))
        func documents(_ namespace: Bytes, _ answer: Select.Answer) -> Select {
            Select(
                namespace: namespace.array, prefix: Array("a/".utf8), scope: .documents, limit: 10_000,
                answer: answer)
        }
        func by(_ member: String) -> Select.Answer {
            .groups(SelectGrouping(by: [.value([Array(member.utf8)])]))
        }
        let queries = [
            (
                "messages",
                Select(
                    namespace: namespace.array, key: Array("a/b".utf8), scope: .items, answer: .count)
            ), ("toolCalls", documents(namespace, .count)),
            ("snapshots", documents(other("snapshots"), .count)),
            ("toolCallsByName", documents(namespace, by("name"))),
            ("toolCallsByState", documents(namespace, by("state"))),
        ]
        let call = DomainCall(
            "aggregate_stats", arguments: #"{"agentId":"a"}"#,
            parts: queries.map { DomainCall.Part($0.0, Bytes($0.1.json)) })
        for ((name, select), rows) in zip(queries, try await answer(call)) {
            let reference = SelectReference(select: select, records: records)
            if case .groups(let grouping) = select.answer {
                let found = rows.map { SelectReference.row($0.value.array) }
                try expectEqual(found, reference.rows(grouping), name)
            } else {
                try expectEqual(
                    SelectReference.count(rows.first?.value.array ?? []), reference.kept.count, name)
            }
        }
    }

    fileprivate func listSummaries() async throws {
        let records = try await records(in: namespace) + records(in: other("beside"))
        for prefix in ["", "a/", "a/b", "none"] as [Bytes] {
            let items = records.filter {
                $0.namespace == namespace && $0.key.hasPrefix(prefix) && !$0.id.isZero
            }
            let lists = Dictionary(grouping: items, by: \.key).sorted { $0.key < $1.key }
            for limit in [1, 3, 1000] {
                var select = Select(
                    namespace: namespace.array, prefix: prefix.array, scope: .items, limit: limit,
                    answer: .records(values: false))
                var rows: [Bytes] = []
                repeat {
                    let call = DomainCall(
                        "list_summaries", arguments: Bytes("{\"prefix\":\"\(prefix)\"}"),
                        parts: [DomainCall.Part("lists", Bytes(select.json), .rows)])
                    let page = try await answer(call)[0]
                    rows += page.map(\.value)
                    guard page.count == limit, rows.count <= lists.count else { break }
                    select.after = Select.Place(
                        order: [], key: lists[rows.count - 1].key.array,
                        id: SelectID(high: .max, low: .max))
                } while true
                let subject = "lists below \"\(prefix)\", \(limit) at a time"
                try expectEqual(rows.count, lists.count, subject)
                for (row, (key, items)) in zip(rows, lists) {
                    let ids = items.map(\.id).sorted()
                    let node = try? JSONNode(row.array)
                    try expectEqual(node?["key"]?.characters, key.array, subject)
                    try expectEqual(node?["count"]?.integer, Int64(items.count), "\(subject), \(key)")
                    try expectEqual(node?["first"]?.string, ids.first.map(hexadecimal), "\(subject), \(key)")
                    try expectEqual(node?["last"]?.string, ids.last.map(hexadecimal), "\(subject), \(key)")
                }
            }
        }
    }

    private func hexadecimal(_ id: Version) -> String { id.description.filter { $0 != "-" } }

    fileprivate func mergedMessages() async throws {
        let records = try await records(in: namespace) + records(in: other("beside"))
        for isDescending in [false, true] {
            var select = Select(
                namespace: namespace.array, prefix: Array("a/b".utf8), scope: .items,
                order: [Select.Order(by: .id, isDescending: isDescending)], limit: 10_000)
            let whole = SelectReference(select: select, records: records).page
            for limit in [1, 2, 100] {
                select.limit = limit
                select.after = nil
                var pages: [Record] = []
                repeat {
                    let order = isDescending ? "descending" : "ascending"
                    let call = DomainCall(
                        "merged_messages",
                        arguments: Bytes(#"{"user":"a","session":"b","order":"\#(order)"}"#),
                        parts: [DomainCall.Part("records", Bytes(select.json))])
                    let page = try await answer(call)[0]
                    pages += page
                    guard page.count == limit, pages.count <= whole.count, let last = page.last else { break }
                    let meta = SelectMeta(
                        key: last.key.array, id: SelectID(high: last.id.high, low: last.id.low),
                        version: SelectID(high: last.version.high, low: last.version.low))
                    select.after = last.value.withSpan { select.place(of: meta, $0) }
                } while true
                try expectEqual(pages, whole, "\(limit) at a time, descending: \(isDescending)")
            }
        }
    }
}
