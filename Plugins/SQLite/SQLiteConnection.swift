internal import CSQLite
internal import HoldfastProviderKit

/// An open database file: owns its handle, its transactions, and what bounds its calls.
///
/// One thread at a time. Nothing else in this process may open the file with `open(2)`: closing that
/// descriptor would release the POSIX locks of every connection to it (sqlite.org/howtocorrupt.html, section
/// 2.2).
@safe final class SQLiteConnection {
    /// How often SQLite looks at the deadline, in steps of its virtual machine: some 20 µs.
    private static let progressStepCount: Int32 = 2000

    let handle: OpaquePointer
    /// The absolute path of the file.
    let path: String
    /// The file as it was when it was opened.
    let identity: FileIdentity
    private let limits: SQLiteCallLimits

    /// Opens a file, or makes an empty one.
    ///
    /// - Parameters:
    ///   - path: absolute, so that SQLite takes it neither for a URI nor for `:memory:`.
    ///   - isCreated: whether a missing file is made.
    ///   - limits: what bounds the calls.
    /// - Throws: SQLite's reason.
    init(path: String, isCreated: Bool, limits: SQLiteCallLimits) throws(SQLiteError) {
        var handle: OpaquePointer?
        var flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE
        if isCreated { flags |= SQLITE_OPEN_CREATE }
        let status = unsafe sqlite3_open_v2(path, &handle, flags, SQLiteFileSystem.name)
        guard status == SQLITE_OK, let handle = unsafe handle else {
            let text = unsafe handle.map { unsafe String(cString: sqlite3_errmsg($0)) }
            unsafe sqlite3_close_v2(handle)
            throw SQLiteError(status, text, while: "open \(path)")
        }
        guard let identity = FileIdentity(path: path) else {
            unsafe sqlite3_close_v2(handle)
            throw SQLiteError(SQLITE_CANTOPEN, "the file went away", while: "open \(path)")
        }
        unsafe self.handle = handle
        self.path = path
        self.identity = identity
        self.limits = limits
        let context = unsafe Unmanaged.passUnretained(limits).toOpaque()
        unsafe sqlite3_busy_handler(
            handle,
            { @Sendable context, attempt in
                guard let context = unsafe context else { return 0 }
                let limits = unsafe Unmanaged<SQLiteCallLimits>.fromOpaque(context).takeUnretainedValue()
                return limits.waitForLock(attempt: attempt) ? 1 : 0
            }, context)
        unsafe sqlite3_progress_handler(
            handle, Self.progressStepCount,
            { @Sendable context in
                guard let context = unsafe context else { return 0 }
                let limits = unsafe Unmanaged<SQLiteCallLimits>.fromOpaque(context).takeUnretainedValue()
                return limits.verdict() == nil ? 0 : 1
            }, context)
    }

    // The last connection to a file copies the WAL into it and removes the WAL. Statements that are still
    // alive keep the handle until they end.
    deinit {
        // They would outlive what they ask, should a statement end after its connection.
        unsafe sqlite3_busy_handler(handle, nil, nil)
        unsafe sqlite3_progress_handler(handle, 0, nil, nil)
        unsafe sqlite3_close_v2(handle)
    }

    // MARK: - Statements

    /// Prepares a statement that is kept.
    func prepare(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        try unsafe SQLiteStatement(sql, on: handle)
    }

    /// Runs a statement without parameters and throws its rows away.
    func execute(_ sql: String) throws(SQLiteError) {
        try unsafe SQLiteStatement(sql, on: handle, isKept: false).run()
    }

    /// The first column of the first row, or nothing where there is no row.
    func integer(_ sql: String) throws(SQLiteError) -> Int64? {
        let statement = try unsafe SQLiteStatement(sql, on: handle, isKept: false)
        return try statement.step() ? statement.integer(0) : nil
    }

    /// The first column of the first row as text, or nothing where there is no row.
    func text(_ sql: String) throws(SQLiteError) -> String? {
        let statement = try unsafe SQLiteStatement(sql, on: handle, isKept: false)
        return try statement.step() ? statement.text(0) : nil
    }

    /// How many rows the last statement has changed.
    var changedRowCount: Int { unsafe Int(sqlite3_changes64(handle)) }

    // MARK: - Transactions

    /// Whether a transaction is open; SQLite ends one by itself after some failures.
    var isInTransaction: Bool { unsafe sqlite3_get_autocommit(handle) == 0 }

    /// Runs a body in a transaction that holds the write lock from its start.
    ///
    /// For schemas and other rare work; the hot path keeps its statements.
    func withTransaction<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        try execute("BEGIN IMMEDIATE")
        do throws(SQLiteError) {
            let result = try body()
            try execute("COMMIT")
            return result
        } catch {
            abandonTransaction()
            throw error
        }
    }

    /// Leaves a transaction that is not to be committed.
    ///
    /// The failure that ended it is what the caller must hear of, not that of the way back.
    func abandonTransaction() {
        if isInTransaction { try? execute("ROLLBACK") }
    }

    /// Repeats a statement while another connection holds a lock that SQLite does not wait for by itself.
    ///
    /// It asks its busy handler neither for a change of the journal mode nor where waiting could be a deadlock.
    func waitingForLocks<Result>(_ body: () throws(SQLiteError) -> Result) throws(SQLiteError) -> Result {
        var attempt: Int32 = 0
        while true {
            do throws(SQLiteError) {
                return try body()
            } catch {
                guard error.meaning == .busy, limits.waitForLock(attempt: attempt) else { throw error }
                attempt += 1
            }
        }
    }

    /// Ends a transaction with a statement that is kept.
    ///
    /// From here the deadline no longer counts: SQLite looks at it once more after the commit is done, and
    /// would call interrupted what is stored.
    func commit(_ statement: SQLiteStatement) throws(SQLiteError) {
        end()
        do throws(SQLiteError) {
            try unsafe SQLiteWALFile.withCommit(on: handle) { () throws(SQLiteError) in try statement.run() }
        } catch {
            var error = error
            // The commit may be in the WAL although its sync failed: a restart would find it there.
            if error.meaning == .device { error.mayBeApplied = true }
            throw error
        }
    }

    /// Gives up a transaction after a failure.
    func rollBack(_ statement: SQLiteStatement) {
        guard isInTransaction else { return }
        // The failure that led here is what the caller must hear of; should this one matter, the next BEGIN
        // says so.
        try? statement.run()
    }

    // MARK: - Calls

    /// Runs the body of one call under its deadline, and says a failure in the words of the host.
    func perform<Result>(
        _ call: CallContext, _ body: () throws(SQLiteError) -> Result
    ) throws(ProviderError) -> Result {
        try begin(call)
        defer { end() }
        do throws(SQLiteError) {
            return try body()
        } catch {
            throw failure(error)
        }
    }

    /// Puts what follows under the deadline of a call; ``perform(_:_:)`` for bodies that a closure cannot
    /// hold.
    func begin(_ call: CallContext) throws(ProviderError) { try limits.begin(call) }

    /// Finishes what the call does from here on, whatever its deadline; see ``SQLiteCallLimits/insist(_:)``.
    func insist(_ purpose: String) { limits.insist(purpose) }

    /// Ends what ``begin(_:)`` began.
    func end() { limits.end() }

    /// Says a failure of the running call in the words of the host.
    func failure(_ error: SQLiteError) -> ProviderError { ProviderError(error, verdict: limits.verdict()) }

    /// Writes everything that was committed to the disk.
    ///
    /// What is committed lies in the WAL or, once copied, in the database. A WAL that is synced is durable;
    /// the database needs it too where checkpoints do not sync (`synchronous: off`). Commits of other
    /// processes are covered: a sync writes the pages of a file, whoever changed them.
    func sync(databaseToo: Bool) throws(SQLiteError) {
        try sync(SQLITE_FCNTL_JOURNAL_POINTER, "WAL")
        if databaseToo { try sync(SQLITE_FCNTL_FILE_POINTER, "database") }
    }

    private func sync(_ which: Int32, _ noun: String) throws(SQLiteError) {
        var file: UnsafeMutablePointer<sqlite3_file>?
        let status = unsafe sqlite3_file_control(handle, "main", which, &file)
        // A file that was never written has no methods yet and nothing to sync.
        guard status == SQLITE_OK, let file = unsafe file, let methods = unsafe file.pointee.pMethods else {
            return
        }
        let result = unsafe methods.pointee.xSync(file, SQLITE_SYNC_FULL)
        guard result == SQLITE_OK else {
            throw SQLiteError(result, nil, while: "sync the \(noun) of \(path)")
        }
    }
}
