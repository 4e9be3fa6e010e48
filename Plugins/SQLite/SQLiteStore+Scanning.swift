private import CSQLite
internal import HoldfastProviderKit

extension SQLiteStore {
    /// Pushes the records that a query asks for, in the order of (namespace, key, id).
    ///
    /// Where a match is on a declared field, its index gives the candidates; else the namespace is read.
    /// Either way the host's own comparison decides, so an index changes how long a query takes and never
    /// what it finds.
    func query(_ query: ScanQuery, into sink: inout RecordSink, call: CallContext) throws(ProviderError) {
        guard query.limit > 0, !query.namespace.isEmpty || query.scope.contains(.raw) else { return }
        guard !query.scope.isDisjoint(with: [.documents, .items, .raw]) else { return }
        try connection.begin(call)
        defer { connection.end() }
        do throws(SQLiteError) {
            try checkFile()
            let plan = SQLiteScanPlan(query, indexes)
            do throws(SQLiteError) {
                try scan(query, plan, into: &sink)
            } catch {
                // Another host has dropped the index: its declarations are not those of this one.
                guard plan.usesIndex, error.code == SQLITE_ERROR, sink.count == 0 else { throw error }
                scanStatements.removeAll()
                indexes = try SQLiteFieldIndexes(on: connection)
                rememberIndexes()
                try scan(query, SQLiteScanPlan(query, indexes), into: &sink)
            }
        } catch {
            throw connection.failure(error)
        }
    }

    private func scan(
        _ query: ScanQuery, _ plan: SQLiteScanPlan, into sink: inout RecordSink
    ) throws(SQLiteError) {
        // What the plan owns is bound to the statements.
        defer { withExtendedLifetime(plan) {} }
        let sources = try plan.sources(of: self)
        let now = host.unixMilliseconds
        let matches = query.matches
        let isRaw = query.scope.contains(.raw)
        var remaining = query.limit
        var lastFloor: (namespace: OwnedBytes, key: OwnedBytes)?
        for source in sources { try source.advance() }
        while let source = Self.first(of: sources) {
            let flags = source.flags
            let expiry = source.expiresAt
            let isVisible = !flags.contains(.removed) && (expiry == 0 || expiry > now)
            guard isRaw || isVisible, matches.isEmpty || satisfies(source, flags, matches) else {
                try source.advance()
                continue
            }
            // A floor and the document of its key have the same place, so no page may end between them.
            let isSecondOfHead =
                source.idBytes.isEmpty && lastFloor?.key.isEqual(to: source.key) == true
                && lastFloor?.namespace.isEqual(to: source.namespace) == true
            if !isSecondOfHead {
                guard remaining > 0 else { return }
                remaining -= 1
            }
            let address = BorrowedAddress(namespace: source.namespace, key: source.key)
            lastFloor =
                flags.contains(.floor)
                ? (OwnedBytes(copying: source.namespace), OwnedBytes(copying: source.key)) : nil
            let record = OutgoingRecord(
                address, id: try source.id(),
                version: try source.version(),
                value: query.scope.contains(.keysOnly) ? .empty : source.value, expiresAt: expiry,
                flags: flags)
            if !sink.push(record) { return }
            if remaining == 0, !isRaw { return }
            try source.advance()
        }
    }

    private func satisfies(_ source: SQLiteScanSource, _ flags: RecordFlags, _ matches: MatchBuffer) -> Bool {
        flags.isDisjoint(with: [.bytes, .removed, .floor]) && host.matches(source.value, matches)
    }

    /// The stream whose row is next, or nothing when all have ended.
    private static func first(of sources: [SQLiteScanSource]) -> SQLiteScanSource? {
        var first: SQLiteScanSource?
        for source in sources where source.hasRow {
            if let best = first, !source.isBefore(best) { continue }
            first = source
        }
        return first
    }
}
