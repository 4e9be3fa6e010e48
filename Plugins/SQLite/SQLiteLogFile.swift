internal import CSQLite
internal import HoldfastProviderKit
internal import HoldfastSupport

/// The open file of a log: its connection, its statements, and what its entries are known to be.
///
/// A salvage puts another one in its place.
final class SQLiteLogFile {
    let connection: SQLiteConnection
    let statements: SQLiteLogStatements
    /// The identity of the log.
    let incarnation: String
    /// The highest LSN, 0 when nothing was ever appended.
    private(set) var last: UInt64 = 0
    /// The highest LSN that was let go.
    private(set) var trimmed: UInt64 = 0
    /// Up to here entries may be missing: a salvage has said so.
    private var salvaged: UInt64 = 0
    /// What is wrong with the stored entries, or nothing; then nothing is appended.
    private(set) var damage: String?

    /// Opens a log, makes or migrates its tables, and looks whether its entries are all there.
    init(
        _ options: SQLiteOptions, limits: SQLiteCallLimits, host: HostServices, call: CallContext
    ) throws(ProviderError) {
        let connection = try SQLiteConnection.open(
            options, schema: SQLiteLogSchema.schema, limits: limits, call: call)
        self.connection = connection
        (incarnation, statements) = try connection.perform(call) { () throws(SQLiteError) in
            let incarnation = try SQLiteLogSchema.schema.prepare(
                connection, pageByteCount: options.pageByteCount, now: host.unixMilliseconds)
            try connection.tune(
                synchronous: "full", cacheByteCount: options.cacheByteCount, mapByteCount: 0,
                checkpointByteCount: options.checkpointByteCount)
            return (incarnation, try SQLiteLogStatements(connection))
        }
        try connection.perform(call) { () throws(SQLiteError) in
            do throws(SQLiteError) {
                try lookAround()
            } catch {
                // A damaged log opens, so that what is whole can be read and salvaged.
                guard error.meaning == .corrupt else { throw error }
                damage = error.message
            }
        }
    }

    private func lookAround() throws(SQLiteError) {
        trimmed = try number("trimmed")
        salvaged = try number("salvaged")
        last = max(trimmed, salvaged, UInt64(try connection.integer("SELECT max(lsn) FROM entries") ?? 0))
        let start = max(trimmed, salvaged)
        // Dense numbers need not be read to be checked: they are counted.
        let count = UInt64(try connection.integer("SELECT count(*) FROM entries WHERE lsn > \(start)") ?? 0)
        if count != last - start {
            damage = "entries are missing: \(count) of \(last - start) after \(start) are there"
        }
    }

    private func number(_ name: String) throws(SQLiteError) -> UInt64 {
        guard let text = try connection.text("SELECT value FROM meta WHERE name = '\(name)'") else {
            return 0
        }
        guard let number = UInt64(text), number <= Int64.max else {
            throw SQLiteError(SQLITE_CORRUPT, "\(name) is not a position", while: "read the table meta")
        }
        return number
    }

    /// Fails when the path no longer names the open file.
    func checkIdentity() throws(SQLiteError) {
        guard FileIdentity(path: connection.path) != connection.identity else { return }
        throw SQLiteError.moved(connection.path, "it was deleted or replaced while it was open")
    }

    /// Notes what was found to be wrong; the first finding stays.
    func note(damage finding: String) { damage = damage ?? finding }

    /// The checksum that is stored beside an entry; the LSN in it tells an entry from a copy of another.
    static func checksum(_ entry: BorrowedBytes, lsn: UInt64) -> Int64 {
        unsafe entry.withUnsafeBytes {
            unsafe Int64(CRC32C.checksum($0, seed: UInt32(truncatingIfNeeded: lsn)))
        }
    }

    // MARK: - Writing

    /// Appends entries in one commit, which is synced.
    func append(_ entries: some Sequence<(lsn: UInt64, entry: BorrowedBytes)>) throws(SQLiteError) {
        do throws(SQLiteError) {
            try statements.begin.run()
            var highest = last
            for (lsn, entry) in entries {
                let insert = statements.insert
                insert.bind(1, Int64(clamping: lsn))
                insert.bind(2, Self.checksum(entry, lsn: lsn))
                insert.bind(3, blob: entry)
                try insert.run()
                highest = lsn
            }
            try connection.commit(statements.commit)
            last = highest
        } catch {
            connection.rollBack(statements.rollback)
            throw error
        }
    }

    /// Lets go of the entries up to an LSN, so many in one transaction that no append waits long.
    func trim(upTo end: UInt64) throws(SQLiteError) {
        let step: UInt64 = 4096
        while trimmed < end {
            let next = min(end, trimmed + step)
            try connection.withTransaction { () throws(SQLiteError) in
                statements.trim.bind(1, Int64(clamping: next))
                try statements.trim.run()
                try write(next, as: "trimmed")
            }
            trimmed = next
        }
    }

    /// Makes a file that was filled from a damaged one a log of its own.
    func adopt(incarnation: String, trimmed: UInt64, last: UInt64) throws(SQLiteError) {
        try connection.withTransaction { () throws(SQLiteError) in
            try write(trimmed, as: "trimmed")
            try write(last, as: "salvaged")
            let row = try connection.prepare("UPDATE meta SET value = ?1 WHERE name = 'incarnation'")
            row.bind(1, text: incarnation)
            try row.run()
        }
    }

    private func write(_ number: UInt64, as name: String) throws(SQLiteError) {
        statements.note.bind(1, text: name)
        statements.note.bind(2, text: String(number))
        try statements.note.run()
    }

    // MARK: - Reading

    /// The bytes of the pages in use; what a trim freed is used again before the file grows.
    func byteCount() throws(SQLiteError) -> UInt64 {
        guard try statements.size.step() else { return 0 }
        defer { statements.size.reset() }
        return UInt64(max(0, statements.size.integer(0)))
    }

    /// Visits the stored entries in order, also those that are damaged, until the visitor has had enough.
    func forEach(
        from lsn: UInt64, _ visit: (_ lsn: UInt64, _ entry: BorrowedBytes, _ isWhole: Bool) -> Bool
    ) throws(SQLiteError) {
        let rows = statements.read
        rows.bind(1, Int64(clamping: max(lsn, trimmed + 1)))
        defer { rows.reset() }
        while try rows.step() {
            let lsn = UInt64(max(0, rows.integer(0)))
            let entry = unsafe BorrowedBytes(rows.bytes(2))
            if !visit(lsn, entry, Self.checksum(entry, lsn: lsn) == rows.integer(1)) { return }
        }
    }
}
