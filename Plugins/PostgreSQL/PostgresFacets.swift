internal import HoldfastProviderKit
internal import HoldfastSupport

/// The declared fields, and what their indexes file a record under.
///
/// PostgreSQL's own JSON refuses values that the host takes (`\u0000`, half of a surrogate pair, a number beyond
/// `numeric`), and an index over it would refuse to store them. So the plugin reads the members itself and stores
/// a digest of each beside the value: `role=1f2e3d4c;`. An index of a field is an expression over that text.
/// Scalars that are equal have equal digests; the host's own comparison decides among what an index gives.
struct PostgresFacets: Sendable {
    /// Filed under it: what this plugin cannot read as JSON, and what the host may yet.
    private static let irregular = "?"

    private let fields: [OwnedBytes: [String]]

    /// Remembers what is declared.
    init(_ declared: [String: [String]]) {
        var fields: [OwnedBytes: [String]] = [:]
        for (namespace, names) in declared { fields[OwnedBytes(namespace)] = Set(names).sorted() }
        self.fields = fields
    }

    /// What is stored beside a record; empty in a namespace without declared fields.
    func text(of record: BorrowedRecord) -> String {
        if fields.isEmpty || !record.flags.isDisjoint(with: [.bytes, .removed]) { return "" }
        guard let names = fields[OwnedBytes(copying: record.namespace)] else { return "" }
        guard let value = try? JSONValue(parsing: record.value) else { return Self.irregular }
        return names.map { "\(Self.digest(ofName: $0))=\(value[$0].map(Self.digest) ?? "-");" }.joined()
    }

    /// The condition that an index of a declared field answers, and the field's part of the stored text.
    ///
    /// - Returns: nothing where no match of the query is on a declared field.
    func condition(for query: ScanQuery) -> String? {
        if fields.isEmpty || query.matches.isEmpty { return nil }
        guard let names = fields[OwnedBytes(copying: query.namespace)] else { return nil }
        for match in query.matches {
            guard let name = match.field.string, names.contains(name) else { continue }
            guard let wanted = try? JSONValue(parsing: match.json) else { continue }
            return "\(Self.expression(name)) IN ('\(Self.digest(wanted))', '\(Self.irregular)')"
        }
        return nil
    }

    /// Makes the indexes of the declared fields, and reads the members of what was written before.
    func makeIndexes(
        _ connection: PostgresConnection, _ tables: PostgresTables, _ call: CallContext
    ) throws(ProviderError) {
        for (namespace, names) in fields.sorted(by: { $0.key < $1.key }) {
            for name in names {
                let index = tables.index("field_\(Self.digest(ofName: name))")
                let definition =
                    "CREATE INDEX IF NOT EXISTS \(index) ON \(tables.records) "
                    + "(ns, (\(Self.expression(name))), key, id) WHERE facets IS NOT NULL"
                // Two hosts that make one index meet in the catalog; the one that is refused finds it made.
                _ = try connection.attempt(definition, call: call)
            }
            try file(namespace, names, connection, tables, call)
        }
    }

    /// Files what has no text for one of the fields: written before it was declared, or by a host without it.
    private func file(
        _ namespace: OwnedBytes, _ names: [String], _ connection: PostgresConnection,
        _ tables: PostgresTables,
        _ call: CallContext
    ) throws(ProviderError) {
        let lacks = names.map { "position('\(Self.digest(ofName: $0))=' IN coalesce(facets, '')) = 0" }
        var parameters = PostgresParameters()
        parameters.add(namespace.borrowed)
        // Under the mark of what cannot be read, such a record is a candidate of every query: right, and found
        // by its digest once it is written again.
        try connection.run(
            [
                PostgresRequest(
                    sql: "UPDATE \(tables.records) SET facets = '\(Self.irregular)' WHERE ns = $1::bytea "
                        + "AND flags & 3 = 0 AND coalesce(facets, '') <> '\(Self.irregular)' "
                        + "AND (\(lacks.joined(separator: " OR ")))", parameters)
            ], call: call, commits: true)
    }

    /// The part of a field in the stored text, or the mark of what cannot be read.
    private static func expression(_ name: String) -> String {
        "CASE WHEN facets = '\(irregular)' THEN '\(irregular)' "
            + "ELSE substring(facets FROM '\(digest(ofName: name))=([^;]*);') END"
    }

    private static func digest(ofName name: String) -> String { hexadecimal(Array(name.utf8)) }

    /// Equal for scalars that are equal; containers never match.
    private static func digest(_ value: JSONValue) -> String {
        switch value {
        case .null: "n"
        case .bool(let bool): bool ? "t" : "f"
        case .integer(let whole): number(Double(whole))
        case .number(let number): Self.number(number)
        case .string(let string): "s" + hexadecimal(Array(string.utf8))
        case .array, .object: "-"
        }
    }

    // Numbers that differ below the precision of a Double share a digest, so the host decides between them.
    private static func number(_ number: Double) -> String {
        "d" + String(number == 0 ? 0 : number.bitPattern, radix: 16)
    }

    private static func hexadecimal(_ bytes: [UInt8]) -> String {
        padded(CRC32C.checksum(bytes)) + padded(CRC32C.checksum(bytes + [0xFF]))
    }

    // Of one length, so that no digest is the end of another.
    private static func padded(_ checksum: UInt32) -> String {
        let digits = String(checksum, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
