import HoldfastModel
import HoldfastSupport

extension ReferenceStore {
    func select(_ query: Bytes, _ context: CallContext) async throws(HoldfastError) -> [Record]? {
        guard var select = try? Select(parsing: query.array) else { return nil }
        switch backend.defect {
        case .selectLosesOrder: select.order = select.order.dropLast()
        case .selectKeepsAll: select.filter = nil
        case .selectForgetsOffset: select.offset = 0
        case .selectForgetsCursor: select.after = nil
        default: break
        }
        var scope: Query.Scope = []
        if select.scope != .items { scope.insert(.documents) }
        if select.scope != .documents { scope.insert(.items) }
        let scan = Query(
            namespace: Bytes(select.namespace), keyPrefix: Bytes(select.key ?? select.prefix), scope: scope)
        var run = SelectRun<Record>(select)
        for record in try await self.query(scan, context)
        where select.key == nil || record.key.array == select.key {
            let meta = SelectMeta(
                key: record.key.array, id: SelectID(high: record.id.high, low: record.id.low),
                version: SelectID(high: record.version.high, low: record.version.low))
            do {
                try record.value.withSpan { text throws(SelectError) in
                    try run.take(meta, record.flags.contains(.bytes) ? nil : text) { record }
                }
            } catch {
                throw HoldfastError(.exhausted, "\(error)")
            }
        }
        func row(_ json: [UInt8]) -> Record { Record(namespace: .empty, key: .empty, value: Bytes(json)) }
        return switch select.answer {
        case .count: [row(SelectCount(run.count).json)]
        case .groups: run.rows.map { row($0.json) }
        case .records(let hasValues):
            run.payloads.map { record in
                var record = record
                if !hasValues { record.value = .empty }
                return record
            }
        }
    }
}
