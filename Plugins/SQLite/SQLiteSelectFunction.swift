private import CSQLite
internal import HoldfastProviderKit
internal import HoldfastSupport

/// The SQL function `holdfast_place(key, id, version, flags, value)` of a connection, while one query runs.
///
/// It is NULL for a record that the query does not keep, else a BLOB: the place in the query's order, or what it is grouped
/// by. SQLite's own JSON functions differ from the host in the numbers that they can hold, in members of one name and in
/// half surrogate pairs; this one is the host's evaluation, run where the rows are.
@safe final class SQLiteSelectFunction {
    private var select = Select(namespace: [])
    private var evaluator = SelectEvaluator(filter: nil, outputs: [])
    private var bound: SelectRank?
    /// The row of the last call: SQLite asks again for the order of what it has found.
    private var last: SelectMeta?
    private var lastPlace: [UInt8]?

    /// Makes the function known to a connection, which must not outlive this.
    func register(on connection: SQLiteConnection) throws(SQLiteError) {
        let status = unsafe sqlite3_create_function_v2(
            connection.handle, "holdfast_place", 5, SQLITE_UTF8 | SQLITE_DIRECTONLY,
            Unmanaged.passUnretained(self).toOpaque(),
            { @Sendable context, count, arguments in
                guard count == 5, let own = unsafe sqlite3_user_data(context),
                    let arguments = unsafe arguments
                else { return }
                let function = unsafe Unmanaged<SQLiteSelectFunction>.fromOpaque(own).takeUnretainedValue()
                unsafe function.answer(context, arguments)
            }, nil, nil, nil)
        guard status == SQLITE_OK else { throw SQLiteError(status, nil, while: "define holdfast_place") }
    }

    /// Prepares the function for a query.
    func begin(_ select: Select) {
        self.select = select
        evaluator = SelectEvaluator(filter: select.filter, outputs: select.outputs)
        bound = select.after.map { SelectRank($0.order, key: $0.key, id: $0.id, select) }
        last = nil
    }

    private func answer(_ context: OpaquePointer?, _ arguments: UnsafeMutablePointer<OpaquePointer?>) {
        guard let id = unsafe Self.id(arguments[1]), let version = unsafe Self.id(arguments[2]) else {
            unsafe sqlite3_result_error_code(context, SQLITE_CORRUPT)
            return
        }
        let meta = unsafe SelectMeta(key: [UInt8](Self.bytes(arguments[0])), id: id, version: version)
        if meta != last {
            let flags = unsafe RecordFlags(
                rawValue: UInt32(truncatingIfNeeded: sqlite3_value_int64(arguments[3])))
            let value = unsafe Self.bytes(arguments[4]).assumingMemoryBound(to: UInt8.self)
            lastPlace = unsafe place(meta, flags.contains(.bytes) ? nil : value.span)
            last = meta
        }
        guard let place = lastPlace else {
            unsafe sqlite3_result_null(context)
            return
        }
        guard !place.isEmpty else {
            unsafe sqlite3_result_zeroblob(context, 0)
            return
        }
        unsafe place.withUnsafeBytes { bytes in
            let copies = unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
            unsafe sqlite3_result_blob64(context, bytes.baseAddress, UInt64(bytes.count), copies)
        }
    }

    private func place(_ meta: SelectMeta, _ text: Span<UInt8>?) -> [UInt8]? {
        guard let keys = evaluator.keys(meta, text) else { return nil }
        guard case .records = select.answer else { return Self.joined(keys) }
        let rank = SelectRank(keys, key: meta.key, id: meta.id, select)
        if let bound, rank <= bound { return nil }
        return rank.bytes
    }

    /// Keys as one BLOB, each behind its size.
    static func joined(_ keys: [[UInt8]]) -> [UInt8] {
        keys.flatMap { [UInt8($0.count >> 8), UInt8($0.count & 0xFF)] + $0 }
    }

    /// The keys of ``joined(_:)``.
    static func parts(of blob: [UInt8]) -> [[UInt8]] {
        var keys: [[UInt8]] = []
        var rest = blob[...]
        while rest.count >= 2 {
            let size = rest.prefix(2).reduce(0) { $0 << 8 | Int($1) }
            keys.append(Array(rest.dropFirst(2).prefix(size)))
            rest = rest.dropFirst(2 + size)
        }
        return keys
    }

    /// The bytes of an argument, valid while the function runs.
    static func bytes(_ value: OpaquePointer?) -> UnsafeRawBufferPointer {
        let start = unsafe sqlite3_value_blob(value)
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_value_bytes(value)))
    }

    private static func id(_ value: OpaquePointer?) -> SelectID? {
        let bytes = unsafe BorrowedBytes(bytes(value))
        if bytes.isEmpty { return SelectID(high: 0, low: 0) }
        return Version(bytes).map { SelectID(high: $0.high, low: $0.low) }
    }
}
