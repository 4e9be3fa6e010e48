internal import HoldfastProviderKit
internal import HoldfastSupport

/// Files what was stored before its fields were declared, when a store is opened; as long as that takes.
struct PostgresFiling {
    /// How many records are filed at a time, at first and at the most; and how many bytes they are to have.
    private static let (rowCountMin, rowCountMax) = (64, 1024)
    private static let byteCounts = 1 << 20...4 << 20
    private static let purpose = "what is stored is filed under the declared fields"

    let facets: PostgresFacets
    let connection: PostgresConnection
    let tables: PostgresTables
    let call: CallContext

    /// Makes the indexes of the declared fields, and files what was written before.
    func run() throws(ProviderError) {
        for (namespace, own) in facets.fields.sorted(by: { $0.key < $1.key }) {
            for name in own.names {
                try makeIndex(
                    "sort_\(PostgresFacets.digest(name))",
                    on: "(ns, \(PostgresFacets.expression(name)), key, id) WHERE facets IS NOT NULL")
            }
            if own.hasWords { try makeIndex("words", on: "USING gin (words) WHERE words IS NOT NULL") }
            guard let unfiled = facets.unfiled(in: namespace.borrowed) else { continue }
            try makeIndex("unfiled_\(PostgresFacets.digest(unfiled))", on: "(ns) WHERE \(unfiled)")
            var rowCount = Self.rowCountMin
            while let byteCount = try file(own, unfiled, rowCount) {
                askForTime()
                if byteCount < Self.byteCounts.lowerBound { rowCount = min(rowCount * 2, Self.rowCountMax) }
                if byteCount > Self.byteCounts.upperBound { rowCount = max(rowCount / 2, 1) }
            }
            withExtendedLifetime(namespace) {}
        }
    }

    private func makeIndex(_ name: String, on what: String) throws(ProviderError) {
        let index = PostgresText.quoted(tables.table(name))
        var isThere = false
        let question = PostgresRequest(sql: "SELECT 1 WHERE to_regclass('\(index)') IS NOT NULL")
        try connection.run([question], call: call) { _, result throws(ProviderError) in
            isThere = isThere || result.rowCount > 0
        }
        if isThere { return }
        askForTime()
        // Two hosts that make one index meet in the catalog; the one that is refused finds it made. A role that may not
        // make one does without.
        _ = try connection.attempt(
            "CREATE INDEX IF NOT EXISTS \(tables.index(name)) ON \(tables.records) \(what)", call: call)
    }

    /// There is work: the host is asked to wait for it, and to give up a server that says nothing for some minutes.
    private func askForTime() {
        let left = call.deadline - connection.host.monotonicNanoseconds
        guard call.deadline != 0, left < 300_000_000_000 else { return }
        _ = connection.host.extend(call, by: .seconds(600), Self.purpose)
    }

    /// Files some of what is not filed.
    ///
    /// - Returns: how many bytes their values have; nothing where everything is filed.
    private func file(
        _ own: PostgresFacets.Fields, _ unfiled: String, _ rowCount: Int
    ) throws(ProviderError) -> Int? {
        var byteCount = 0
        var rows: [(address: [[UInt8]], text: [UInt8], words: [UInt8])] = []
        let reading = PostgresRequest(
            sql: "SELECT ns, key, id, version, flags, value FROM \(tables.records) WHERE \(unfiled) "
                + "LIMIT \(rowCount)")
        try connection.run([reading], call: call, streams: true) { _, result throws(ProviderError) in
            for row in 0..<result.rowCount {
                let (value, flags) = (result.bytes(row, 5), result.flags(row, 4))
                byteCount += value.count
                let text = PostgresFacets.text(own, value, flags)
                let words =
                    own.hasWords ? PostgresWords.lexemes(key: result.bytes(row, 1).array, value, flags) : []
                rows.append(((0..<4).map { result.bytes(row, $0).array }, Array(text.utf8), words))
            }
        }
        guard !rows.isEmpty else { return nil }
        var parameters = PostgresParameters()
        for column in 0..<4 {
            parameters.addArray(rows.count) { $1 += rows[$0].address[column] }
        }
        parameters.addArray(rows.count) { $1 += rows[$0].text }
        parameters.addArray(rows.count) { $1 += rows[$0].words }
        // What has changed meanwhile is found again, if it still lacks something.
        try connection.run(
            [
                PostgresRequest(
                    sql: """
                        UPDATE \(tables.records) AS r
                        SET facets = convert_from(u.x, 'UTF8'), words = \(PostgresWords.vector("u.w"))
                        FROM unnest(
                          $1::bytea[], $2::bytea[], $3::bytea[], $4::bytea[], $5::bytea[], $6::bytea[])
                          AS u(n, k, i, v, x, w)
                        WHERE r.ns = u.n AND r.key = u.k AND r.id = u.i AND r.version = u.v AND r.flags & 2 = 0
                        """, parameters)
            ], call: call, commits: true)
        return byteCount
    }
}

@available(*, unavailable) extension PostgresFiling: Sendable {}
