import HoldfastModel
import HoldfastSupport

extension ReferenceStore {
    static let operations: Set<String> = ["aggregate_stats", "list_summaries", "merged_messages"]

    func invoke(_ call: DomainCall, _ context: CallContext) async throws(HoldfastError) -> [[Record]]? {
        var answer: [[Record]] = []
        for part in call.parts {
            if part.rule == .rows {
                answer.append(try await summaries(part, context))
                continue
            }
            guard var records = try await select(part.query, context) else { return nil }
            if backend.defect == .operationMiscounts, part.name == "snapshots" {
                records = [
                    Record(namespace: .empty, key: .empty, value: Bytes(SelectCount(1 << 20).json))
                ]
            }
            answer.append(records)
        }
        return answer
    }

    private func summaries(
        _ part: DomainCall.Part, _ context: CallContext
    ) async throws(HoldfastError) -> [Record] {
        guard let select = try? Select(parsing: part.query.array) else { return [] }
        var scan = Query(
            namespace: Bytes(select.namespace), keyPrefix: Bytes(select.prefix), scope: [.items])
        if let after = select.after, backend.defect != .operationForgetsCursor {
            scan.after = Query.Cursor(
                address: Address(namespace: scan.namespace, key: Bytes(after.key)),
                id: Version(high: after.id.high, low: after.id.low))
        }
        let lists = Dictionary(grouping: try await query(scan, context), by: \.key).sorted { $0.key < $1.key }
        return lists.prefix(select.limit).map { key, items in
            let ids = items.map { $0.id.description.filter { $0 != "-" } }.sorted()
            var writer = JSONWriter()
            writer.object { row in
                row.member("key", key.description)
                row.member("count", items.count)
                row.member("first", backend.defect == .operationTakesAnyItem ? ids.last : ids.first)
                row.member("last", ids.last)
            }
            return Record(namespace: .empty, key: Bytes(part.name), value: Bytes(writer.bytes))
        }
    }
}
