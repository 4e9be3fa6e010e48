internal import HoldfastProviderKit
internal import HoldfastSupport

extension PostgresStore {
    private static let candidateCount = 256

    /// A record that may be part of a page.
    private struct Candidate {
        let key: OwnedBytes
        let id: Version
        let version: Version
        let flags: RecordFlags
        let expiresAt: Int64
        let value: OwnedBytes
    }

    /// Answers a query for words from the index of words: it gives candidates, the host's evaluation decides.
    ///
    /// - Returns: whether there is such an index, and everything in the namespace is filed in it.
    func selectWords(
        _ select: Select, into sink: inout RecordSink, _ call: CallContext
    ) throws(ProviderError) -> Bool {
        let namespace = OwnedBytes(copying: select.namespace)
        defer { withExtendedLifetime(namespace) {} }
        guard let words = PostgresWords.condition(select), facets.hasWords(in: namespace.borrowed),
            try facets.isFiled(namespace.borrowed, connection, tables, call)
        else { return false }
        var excess: SelectError?
        let isByArrival = select.order.count == 1 && select.order.first?.by == .id
        var run = SelectRun<Candidate>(select, isInOrder: isByArrival ? true : nil)
        var last: (key: [UInt8], id: Version)?
        var isMore = !run.isOver
        while isMore, excess == nil {
            var count = 0
            let request = candidates(of: select, words, after: last, isByArrival: isByArrival)
            try connection.run([request], call: call, streams: true) { _, result throws(ProviderError) in
                for row in 0..<result.rowCount where excess == nil && !run.isOver {
                    count += 1
                    let candidate = try candidate(result, row)
                    last = (candidate.key.borrowed.array, candidate.id)
                    excess = take(candidate, &run)
                }
            }
            isMore = count == Self.candidateCount && !run.isOver
        }
        if let excess { throw ProviderError(.exhausted, excess.description) }
        answer(select, run, namespace, into: &sink)
        return true
    }

    private func candidate(_ result: PostgresResult, _ row: Int) throws(ProviderError) -> Candidate {
        Candidate(
            key: OwnedBytes(copying: result.bytes(row, 0)), id: try result.version(row, 1),
            version: try result.version(row, 2), flags: result.flags(row, 3),
            expiresAt: result.integer(row, 4), value: OwnedBytes(copying: result.bytes(row, 5)))
    }

    /// - Returns: what is too much, or nothing.
    private func take(_ candidate: Candidate, _ run: inout SelectRun<Candidate>) -> SelectError? {
        let meta = SelectMeta(
            key: candidate.key.borrowed.array, id: SelectID(high: candidate.id.high, low: candidate.id.low),
            version: SelectID(high: candidate.version.high, low: candidate.version.low))
        return unsafe candidate.value.borrowed.withUnsafeBytes { bytes in
            let text = unsafe bytes.assumingMemoryBound(to: UInt8.self).span
            do throws(SelectError) {
                try run.take(meta, candidate.flags.contains(.bytes) ? nil : text) { candidate }
                return nil
            } catch {
                return error
            }
        }
    }

    private func answer(
        _ select: Select, _ run: SelectRun<Candidate>, _ namespace: OwnedBytes, into sink: inout RecordSink
    ) {
        switch select.answer {
        case .count: push(SelectCount(run.count).json, into: &sink)
        case .groups: for row in run.rows { push(row.json, into: &sink) }
        case .records(let hasValues):
            for candidate in run.payloads {
                let record = OutgoingRecord(
                    BorrowedAddress(namespace: namespace.borrowed, key: candidate.key.borrowed),
                    id: candidate.id, version: candidate.version,
                    value: hasValues ? candidate.value.borrowed : .empty, expiresAt: candidate.expiresAt,
                    flags: candidate.flags)
                let goesOn = sink.push(record)
                withExtendedLifetime(candidate) {}
                if !goesOn { return }
            }
        }
    }

    /// A page of candidates, in the order of arrival or in that of a scan.
    private func candidates(
        of select: Select, _ words: String, after last: (key: [UInt8], id: Version)?, isByArrival: Bool
    ) -> PostgresRequest {
        var sql = PostgresQueryText()
        sql.conditions.append("ns = \(sql.bytes(select.namespace))")
        if let key = select.key {
            sql.conditions.append("key = \(sql.bytes(key))")
        } else if !select.prefix.isEmpty {
            sql.conditions.append("key >= \(sql.bytes(select.prefix))")
            if let bound = PostgresScanPlan.upperBound(of: select.prefix) {
                sql.conditions.append("key < \(sql.bytes(bound))")
            }
        }
        switch select.scope {
        case .documents: sql.conditions.append("id = ''")
        case .items: sql.conditions.append("id > ''")
        case .all: break
        }
        sql.conditions.append(
            "flags & 2 = 0 AND (expires = 0 OR expires > \(sql.integer(host.unixMilliseconds)))")
        sql.conditions.append(words)
        sql.conditions += exactParts(of: select)
        let isReversed = isByArrival ? select.isTieDescending : select.scanIsReversed ?? false
        if let place = last ?? place(of: select, isByArrival: isByArrival) {
            let (key, id) = (sql.bytes(place.key), sql.version(place.id))
            let (columns, values) = isByArrival ? ("id, key", "\(id), \(key)") : ("key, id", "\(key), \(id)")
            sql.conditions.append("(\(columns)) \(isReversed ? "<" : ">") (\(values))")
        }
        let names = isByArrival ? ["id", "key"] : ["key", "id"]
        return sql.request(
            "SELECT key, id, version, flags, expires, value FROM \(tables.records)",
            order: names.map { isReversed ? "\($0) DESC" : $0 }.joined(separator: ", "),
            limit: Self.candidateCount)
    }

    /// What SQL can say exactly of the filter beside the words: fewer candidates.
    private func exactParts(of select: Select) -> [String] {
        let namespace = OwnedBytes(copying: select.namespace)
        defer { withExtendedLifetime(namespace) {} }
        let filter = PostgresSelectFilter(namespace: namespace.borrowed, facets: facets)
        return (select.filter?.conjuncts ?? []).compactMap { part in filter.sql(part).map { "(\($0))" } }
    }

    /// Where candidates begin, where they come in the order that the page goes on in.
    private func place(of select: Select, isByArrival: Bool) -> (key: [UInt8], id: Version)? {
        guard let after = select.after, isByArrival || select.scanIsReversed != nil else { return nil }
        return (after.key, Version(high: after.id.high, low: after.id.low))
    }
}
