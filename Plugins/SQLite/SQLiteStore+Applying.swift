internal import CSQLite
private import Glibc
internal import HoldfastProviderKit

extension SQLiteStore: BatchStore {
    // Measured with messages of some 600 bytes: above this the cost of a commit no longer shows.
    var preferredChangeCount: UInt32 { 512 }

    /// Applies a batch in one transaction and one commit.
    ///
    /// Every change is decided before it is written, so a refused one leaves no trace; an atomic batch with a
    /// refused change is rolled back as a whole. A failure of SQLite rolls everything back.
    func apply(_ changes: ChangeBuffer, call: CallContext) throws(ProviderError) {
        try connection.perform(call) { () throws(SQLiteError) in
            try checkFile()
            do throws(SQLiteError) {
                try statements.begin.run()
                try refresh()
                let now = host.unixMilliseconds
                var isRefused = false
                for change in changes {
                    let outcome = try apply(change, at: now, call: call)
                    change.resolve(outcome)
                    if !outcome.stands { isRefused = true }
                }
                if changes.isAtomic, isRefused {
                    rollBack()
                } else {
                    try purge(isForced: false)
                    try connection.commit(statements.commit)
                }
            } catch {
                rollBack()
                throw error
            }
        }
    }

    /// Forgets what another connection may have made wrong.
    ///
    /// Under the write lock: from here to the commit nobody else writes.
    private func refresh() throws(SQLiteError) {
        let statement = statements.dataVersion
        let current = try statement.step() ? statement.integer(0) : -1
        statement.reset()
        guard current != dataVersion else { return }
        heads.removeAll()
        guard try connection.text("SELECT value FROM meta WHERE name = 'incarnation'") == incarnation else {
            throw SQLiteError.moved(connection.path, "its content was replaced while it was open")
        }
        let held = try SQLiteFieldIndexes(on: connection)
        if held != indexes {
            indexes = held
            rememberIndexes()
        }
        dataVersion = current
    }

    private func rollBack() {
        heads.removeAll()
        connection.rollBack(statements.rollback)
    }

    // MARK: - One change

    private func apply(_ change: Change, at now: Int64, call: CallContext) throws(SQLiteError)
        -> Change.Outcome
    {
        let record = change.record
        switch change.kind {
        case .put:
            if record.flags.contains(.floor) {
                call.report(ProviderError(.invalid, "a floor is raised by a drop, it cannot be put"))
                return .invalid
            }
            if record.value.count > Self.valueByteCountMax {
                call.report(
                    ProviderError(
                        .invalid,
                        "a value has \(record.value.count) bytes, this store takes \(Self.valueByteCountMax)")
                )
                return .invalid
            }
            return change.isItem ? try putItem(change, at: now) : try putDocument(change, at: now)
        case .drop: return try drop(change, at: now)
        case .check: return try refusal(of: change, at: now) ?? .applied
        case nil:
            call.report(ProviderError(.invalid, "a change of a kind that this plugin does not know"))
            return .invalid
        }
    }

    private func putItem(_ change: Change, at now: Int64) throws(SQLiteError) -> Change.Outcome {
        let record = change.record
        let id = record.id
        let address = record.address
        var head = try head(of: address)
        let last = head.lastID ?? .zero
        let floor = head.floor ?? .zero
        if id > last, id > floor {
            // The common case: nothing is there, nothing is behind it, and of the conditions only these can
            // fail.
            if change.conditions.contains(.version), change.expected != last { return .conflict(seen: last) }
            if change.conditions.contains(.exists) { return .notFound }
            try write(record, with: statements.insert)
            head.lastID = id
            heads[address] = head
            return .applied
        }
        let stored = try stored(record)
        if let refusal = refusal(of: change, stored, head, at: now) { return refusal }
        guard id > floor else { return .unchanged }
        guard let stored else {
            try write(record, with: statements.insert)
            return .applied
        }
        guard record.version > stored.version else { return .unchanged }
        try write(record, with: statements.update)
        return .applied
    }

    private func putDocument(_ change: Change, at now: Int64) throws(SQLiteError) -> Change.Outcome {
        let record = change.record
        let floor = try floor(of: record.address)
        let stored = try stored(record)
        let head = SQLiteListHead(floor: floor, lastID: nil)
        if let refusal = refusal(of: change, stored, head, at: now) { return refusal }
        guard record.version > floor, record.version > stored?.version ?? .zero else { return .unchanged }
        try write(record, with: stored == nil ? statements.insert : statements.update)
        return .applied
    }

    private func drop(_ change: Change, at now: Int64) throws(SQLiteError) -> Change.Outcome {
        if let refusal = try refusal(of: change, at: now) { return refusal }
        let record = change.record
        let address = record.address
        let floor = try floor(of: address)
        // Nothing at or below a floor is ever stored, so a drop that does not raise it finds nothing either.
        guard record.version > floor else { return .unchanged }
        try bind(record, to: statements.remove, id: record.versionBytes)
        try statements.remove.run()
        try bind(record, to: statements.raiseFloor, id: record.versionBytes)
        statements.raiseFloor.bind(4, now)
        try statements.raiseFloor.run()
        var head = heads[address]
        head.floor = record.version
        if let last = head.lastID, last <= record.version { head.lastID = .zero }
        heads[address] = head
        return .applied
    }

    // MARK: - Statements

    /// Binds namespace, key and id where they lie in the host's memory.
    private func bind(
        _ record: BorrowedRecord, to statement: SQLiteStatement, id: BorrowedBytes
    ) throws(SQLiteError) {
        statement.bind(1, text: record.namespace)
        statement.bind(2, text: record.key)
        statement.bind(3, blob: id)
    }

    private func write(_ record: BorrowedRecord, with statement: SQLiteStatement) throws(SQLiteError) {
        let isDocument = record.id.isZero
        try bind(record, to: statement, id: isDocument ? .empty : record.idBytes)
        statement.bind(4, blob: record.versionBytes)
        statement.bind(5, storedFlags(of: record))
        statement.bind(6, record.expiresAt)
        let value = record.value
        // SQLite's functions stop at a NUL in TEXT; as a BLOB such a value stays whole for them too.
        if record.flags.contains(.bytes) || value.containsNUL {
            statement.bind(7, blob: value)
        } else {
            statement.bind(7, text: value)
        }
        try statement.run()
    }

    private func storedFlags(of record: BorrowedRecord) -> Int64 {
        let flags = Int64(record.flags.rawValue & 0xFF)
        if scans.isEmpty { return flags }
        for index in scans.indices where scans[index].namespace.isEqual(to: record.namespace) {
            let isIrregular = unsafe record.value.withUnsafeBytes { unsafe scans[index].scan.isIrregular($0) }
            return isIrregular ? flags | SQLiteFieldIndex.irregularFlag : flags
        }
        return flags
    }
}

extension BorrowedBytes {
    fileprivate var containsNUL: Bool {
        guard let start = unsafe start else { return false }
        return unsafe memchr(start, 0, count) != nil
    }
}

extension Change.Outcome {
    /// Whether the change stands: it was applied now or before.
    fileprivate var stands: Bool { self == .applied || self == .unchanged }
}
