internal import HoldfastProviderKit
internal import HoldfastSupport

/// The declared fields, and what their indexes file a record under.
///
/// PostgreSQL's own JSON refuses values that the host takes (`\u0000`, half of a surrogate pair, a number beyond
/// `numeric`), and an index over it would refuse to store them. So the plugin reads the members itself and stores
/// the cut sort key of each beside the value, as hexadecimal digits: `<digest of the name>=2066;`, and nothing
/// behind the sign where the member is missing. An index of a field is an expression over that text. Such keys compare as
/// the host compares the values, see ``SortKey``.
struct PostgresFacets: Sendable {
    /// The declared members of one namespace.
    struct Fields: Sendable {
        let names: [String]
        let hasWords: Bool
        let evaluator: SelectEvaluator

        init(_ declared: [String]) {
            hasWords = declared.contains(PostgresWords.declaration)
            let declared = declared.filter { $0 != PostgresWords.declaration }
            var names: [String] = []
            // Names of one digest would share a place: the first has it, the others are as if not declared.
            for name in Set(declared).sorted() where !names.contains(where: { digest($0) == digest(name) }) {
                names.append(name)
            }
            self.names = names
            evaluator = SelectEvaluator(filter: nil, outputs: names.map { .value([Array($0.utf8)]) })
        }
    }

    let fields: [OwnedBytes: Fields]

    /// Remembers what is declared.
    init(_ declared: [String: [String]]) {
        var fields: [OwnedBytes: Fields] = [:]
        for (namespace, names) in declared where !names.isEmpty {
            fields[OwnedBytes(namespace)] = Fields(names)
        }
        self.fields = fields
    }

    /// What is stored beside a record; empty in a namespace without declared fields, and for what is removed.
    func text(of record: BorrowedRecord) -> String {
        if fields.isEmpty || record.flags.contains(.removed) { return "" }
        guard let own = fields[OwnedBytes(copying: record.namespace)] else { return "" }
        return Self.text(own, record.value, record.flags)
    }

    static func text(_ fields: Fields, _ value: BorrowedBytes, _ flags: RecordFlags) -> String {
        // No field is about the key or the version.
        let nobody = SelectMeta(key: [], id: SelectID(high: 0, low: 0), version: SelectID(high: 0, low: 0))
        let keys = unsafe value.withUnsafeBytes { bytes in
            let text = unsafe bytes.assumingMemoryBound(to: UInt8.self).span
            return fields.evaluator.keys(nobody, flags.contains(.bytes) ? nil : text) ?? []
        }
        var text: [UInt8] = []
        for (name, key) in zip(fields.names, keys) {
            text +=
                Array(digest(name).utf8) + [UInt8(ascii: "=")] + SelectText.hexadecimal(key) + [
                    UInt8(ascii: ";")
                ]
        }
        // Says that the words of the value are filed as well.
        if fields.hasWords { text += Array("\(digest(PostgresWords.declaration))=1;".utf8) }
        return String(decoding: text, as: UTF8.self)
    }

    /// The words of a record as ``PostgresWords`` files them; none where no index of words is declared.
    func words(of record: BorrowedRecord) -> [UInt8] {
        guard !fields.isEmpty, hasWords(in: record.namespace) else { return [] }
        return PostgresWords.lexemes(key: record.key.array, record.value, record.flags)
    }

    /// Whether an index of words is declared in a namespace.
    func hasWords(in namespace: BorrowedBytes) -> Bool {
        fields[OwnedBytes(copying: namespace)]?.hasWords ?? false
    }

    /// Whether a member is declared in a namespace.
    func isDeclared(_ name: String, in namespace: BorrowedBytes) -> Bool {
        fields[OwnedBytes(copying: namespace)]?.names.contains(name) ?? false
    }

    /// The condition that an index of a declared field answers.
    ///
    /// - Returns: nothing where no match of the query is on a declared field. What it finds is more than what matches only
    ///   where a member of that name is an element of an array, or a scalar is longer than a key.
    func condition(for query: ScanQuery) -> String? {
        if fields.isEmpty || query.matches.isEmpty { return nil }
        for match in query.matches {
            guard let name = match.field.string, isDeclared(name, in: query.namespace),
                let scalar = SelectScalar(json: match.json.array),
                let key = Self.cut(scalar)
            else { continue }
            return "facets IS NOT NULL AND \(Self.expression(name)) = '\(Self.literal(key))'"
        }
        return nil
    }

    private static func cut(_ scalar: SelectScalar) -> [UInt8]? {
        if let number = SortKey.number(scalar.key) { return SortKey.of(number, isCut: true) }
        guard scalar.key.count <= SortKey.stringByteCountMax else { return nil }
        return scalar.key
    }

    /// The part of a field in the stored text: the digits of its key, which compare as the key does.
    static func expression(_ name: String) -> String {
        "(substring(facets FROM '\(digest(name))=([^;]*);') COLLATE \"C\")"
    }

    /// Bytes as the digits of a literal.
    static func literal(_ bytes: [UInt8]) -> String {
        String(decoding: SelectText.hexadecimal(bytes), as: UTF8.self)
    }

    // MARK: filing

    /// The condition on what has no text for one of the fields of a namespace: written before it was declared, or by a host
    /// without it.
    ///
    /// - Returns: nothing for a namespace without declared fields.
    func unfiled(in namespace: BorrowedBytes) -> String? {
        guard let own = fields[OwnedBytes(copying: namespace)] else { return nil }
        let marks = own.names + (own.hasWords ? [PostgresWords.declaration] : [])
        let lacks = marks.map { "position('\(Self.digest($0))=' IN facets) = 0" }
        return "ns = '\\x\(Self.literal(namespace.array))'::bytea AND flags & 2 = 0 AND (facets IS NULL OR "
            + "\(lacks.joined(separator: " OR ")))"
    }

    /// Whether everything in a namespace is filed.
    func isFiled(
        _ namespace: BorrowedBytes, _ connection: PostgresConnection, _ tables: PostgresTables,
        _ call: CallContext
    ) throws(ProviderError) -> Bool {
        guard let unfiled = unfiled(in: namespace) else { return true }
        var isFiled = true
        let question = "SELECT 1::bigint FROM \(tables.records) WHERE \(unfiled) LIMIT 1"
        try connection.run([PostgresRequest(sql: question)], call: call) { _, result throws(ProviderError) in
            if result.rowCount > 0 { isFiled = false }
        }
        return isFiled
    }

    static func digest(_ name: String) -> String {
        let bytes = Array(name.utf8)
        return padded(CRC32C.checksum(bytes)) + padded(CRC32C.checksum(bytes + [0xFF]))
    }

    // Of one length, so that no digest is the end of another.
    private static func padded(_ checksum: UInt32) -> String {
        let digits = String(checksum, radix: 16)
        return String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
