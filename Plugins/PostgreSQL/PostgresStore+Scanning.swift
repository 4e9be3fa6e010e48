internal import HoldfastProviderKit

extension PostgresStore {
    /// How many rows one page of a scan has; they are passed on one by one, so not all are in memory.
    private static let pageRowCount = 512

    /// Pushes the records that a query asks for, in the order of (namespace, key, id).
    ///
    /// Where a match is on a declared field, its index gives the candidates; else the namespace is read. Either
    /// way the host's own comparison decides, so an index changes how long a query takes, never what it finds.
    func query(_ query: ScanQuery, into sink: inout RecordSink, call: CallContext) throws(ProviderError) {
        guard query.limit > 0, !query.namespace.isEmpty || query.scope.contains(.raw) else { return }
        guard !query.scope.isDisjoint(with: [.documents, .items, .raw]) else { return }
        // What a host without the declaration has written is in no index.
        var usesFacets = facets.condition(for: query) != nil
        if usesFacets { usesFacets = try facets.isFiled(query.namespace, connection, tables, call) }
        let plan = PostgresScanPlan(query, facets, usesFacets: usesFacets)
        var scan = PostgresScan(query, host)
        if let after = query.after {
            scan.place = PostgresScanPlace(
                namespace: OwnedBytes(copying: after.address.namespace),
                key: OwnedBytes(copying: after.address.key), id: after.id)
        }
        var isMore = true
        while isMore, !scan.isOver {
            // What filters nothing needs no more rows than the host wants; a floor may stand before each.
            let wanted = query.matches.isEmpty ? scan.remaining.addingReportingOverflow(1).partialValue : .max
            let limit = Int(min(UInt64(Self.pageRowCount), max(wanted, 2)))
            isMore = try page(plan, &scan, limit, into: &sink, call)
        }
    }

    /// Reads one page.
    ///
    /// - Returns: whether there may be more behind it.
    private func page(
        _ plan: PostgresScanPlan, _ scan: inout PostgresScan, _ limit: Int, into sink: inout RecordSink,
        _ call: CallContext
    ) throws(ProviderError) -> Bool {
        var requests: [PostgresRequest] = []
        if plan.hasFloors { requests.append(plan.floors(tables, after: scan.place, limit: limit)) }
        if plan.hasRecords {
            requests.append(
                plan.records(tables, after: scan.place, limit: limit, now: host.unixMilliseconds))
        }
        var rowCount = 0
        var floors: [PostgresScanFloor] = []
        scan.beginPage()
        try connection.run(requests, call: call, streams: plan.hasRecords) {
            index, result throws(ProviderError) in
            if plan.hasFloors, index == 0 {
                for row in 0..<result.rowCount { floors.append(try PostgresScanFloor(result, row)) }
                scan.take(floors, isLast: floors.count < limit)
                return
            }
            rowCount += result.rowCount
            for row in 0..<result.rowCount { try scan.visit(result, row, into: &sink) }
        }
        return scan.endPage(isLastOfRecords: !plan.hasRecords || rowCount < limit, into: &sink)
    }
}
