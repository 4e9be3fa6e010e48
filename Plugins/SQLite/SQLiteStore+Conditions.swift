internal import CSQLite
internal import HoldfastProviderKit

/// What decides a put of a record that is there.
struct SQLiteStoredRecord: Hashable, Sendable {
    /// Which of two states wins: the higher.
    let version: Version
    /// See `RecordFlags`.
    let flags: RecordFlags
    /// Unix milliseconds, 0 for never.
    let expiresAt: Int64

    /// Whether a reader sees the record.
    func isVisible(at milliseconds: Int64) -> Bool {
        !flags.contains(.removed) && (expiresAt == 0 || expiresAt > milliseconds)
    }
}

extension SQLiteStore {
    /// The floor of a key and the last id of its list, remembered for the next change.
    func head(of address: BorrowedAddress) throws(SQLiteError) -> SQLiteListHead {
        var head = heads[address]
        if head.floor != nil, head.lastID != nil { return head }
        if head.floor == nil { head.floor = try version(statements.floor, of: address) }
        if head.lastID == nil { head.lastID = try version(statements.lastID, of: address) }
        heads[address] = head
        return head
    }

    /// The floor of a key.
    func floor(of address: BorrowedAddress) throws(SQLiteError) -> Version {
        if let floor = heads[address].floor { return floor }
        return try version(statements.floor, of: address)
    }

    private func lastID(of address: BorrowedAddress) throws(SQLiteError) -> Version {
        if let last = heads[address].lastID { return last }
        return try version(statements.lastID, of: address)
    }

    private func version(
        _ statement: SQLiteStatement, of address: BorrowedAddress
    ) throws(SQLiteError) -> Version {
        statement.bind(1, text: address.namespace)
        statement.bind(2, text: address.key)
        guard try statement.step() else { return .zero }
        defer { statement.reset() }
        return try statement.version(0)
    }

    /// What is stored at the address and id of a record.
    func stored(_ record: BorrowedRecord) throws(SQLiteError) -> SQLiteStoredRecord? {
        let statement = statements.stored
        statement.bind(1, text: record.namespace)
        statement.bind(2, text: record.key)
        let id = record.id.isZero ? BorrowedBytes.empty : record.idBytes
        statement.bind(3, blob: id)
        guard try statement.step() else { return nil }
        defer { statement.reset() }
        return SQLiteStoredRecord(
            version: try statement.version(0), flags: statement.recordFlags(1),
            expiresAt: statement.integer(2))
    }

    /// What stands against a drop or a check, or nothing when its conditions hold.
    func refusal(of change: Change, at now: Int64) throws(SQLiteError) -> Change.Outcome? {
        guard !change.conditions.isEmpty else { return nil }
        let address = change.record.address
        let head = SQLiteListHead(floor: try floor(of: address), lastID: try lastID(of: address))
        // A clear asks for the list only.
        let stored = change.kind == .drop && change.conditions == .newest ? nil : try stored(change.record)
        return refusal(of: change, stored, head, at: now)
    }

    /// What stands against a change, or nothing when its conditions hold.
    ///
    /// A put whose exact version is stored is unchanged whatever its condition: it is a replay.
    ///
    /// - Parameters:
    ///   - change: of any kind.
    ///   - stored: what is at its address and id.
    ///   - head: of its key; for the put of a document the floor is enough.
    ///   - now: the wall clock in Unix milliseconds, for expiry.
    /// - Returns: the outcome of a change that is not to be applied.
    func refusal(
        of change: Change, _ stored: SQLiteStoredRecord?, _ head: SQLiteListHead, at now: Int64
    ) -> Change.Outcome? {
        let record = change.record
        if change.kind == .put, let stored, stored.version == record.version { return .unchanged }
        let conditions = change.conditions
        if conditions.isEmpty { return nil }
        let last = head.lastID ?? .zero
        if conditions.contains(.version) {
            let document = stored.flatMap { $0.isVisible(at: now) ? $0.version : nil } ?? .zero
            let current = change.isItem ? last : document
            if current != change.expected { return .conflict(seen: current) }
        }
        if conditions.contains(.exists) {
            guard let stored, stored.isVisible(at: now) else { return .notFound }
            if record.version <= stored.version { return .stale(seen: stored.version) }
        }
        guard conditions.contains(.newest) else { return nil }
        if change.kind == .drop { return record.version < last ? .stale(seen: last) : nil }
        let floor = head.floor ?? .zero
        if change.isItem, stored == nil {
            let highest = max(last, floor)
            return record.id <= highest ? .stale(seen: highest) : nil
        }
        let highest = change.isItem ? stored?.version ?? .zero : max(stored?.version ?? .zero, floor)
        return record.version <= highest ? .stale(seen: highest) : nil
    }
}

extension SQLiteStatement {
    /// The column as a version.
    ///
    /// - Throws: `SQLITE_CORRUPT` for a BLOB that does not have 16 bytes.
    func version(_ column: Int32) throws(SQLiteError) -> Version {
        let bytes = unsafe bytes(column)
        if let version = unsafe Version(BorrowedBytes(bytes)) { return version }
        throw SQLiteError(
            SQLITE_CORRUPT, "a version has \(bytes.count) bytes, expected \(Version.byteCount)",
            while: "read a record")
    }

    /// The column as an id; an empty one is that of a document.
    func id(_ column: Int32) throws(SQLiteError) -> Version {
        byteCount(column) == 0 ? .zero : try version(column)
    }

    /// The column as the flags of a record, without those that only this plugin knows.
    func recordFlags(_ column: Int32) -> RecordFlags {
        RecordFlags(rawValue: UInt32(truncatingIfNeeded: integer(column) & 0xFF))
    }
}
