internal import CSQLite
internal import HoldfastProviderKit

/// A prepared statement, kept for the life of its connection.
///
/// Parameters are bound without a copy: whoever binds a buffer keeps it alive until ``reset()``. Each
/// parameter is bound anew for each run, so a pointer of an earlier run is never read. One thread at a time.
@safe final class SQLiteStatement {
    private let handle: OpaquePointer
    /// The first failure to bind since the last run, which fails the next one.
    private var bindStatus: Int32 = SQLITE_OK

    /// Compiles one statement.
    ///
    /// - Throws: SQLite's reason; the text of the statement is part of the message, since it holds no value.
    init(_ sql: String, on database: OpaquePointer, isKept: Bool = true) throws(SQLiteError) {
        var statement: OpaquePointer?
        let flags = isKept ? UInt32(SQLITE_PREPARE_PERSISTENT) : 0
        let status = unsafe sqlite3_prepare_v3(database, sql, -1, flags, &statement, nil)
        guard status == SQLITE_OK, let statement = unsafe statement else {
            throw unsafe SQLiteError(
                sqlite3_extended_errcode(database), String(cString: sqlite3_errmsg(database)),
                while: "prepare “\(sql)” on \(Self.path(of: database))")
        }
        unsafe handle = statement
    }

    deinit { unsafe sqlite3_finalize(handle) }

    // MARK: - Parameters, from 1

    /// Binds bytes as a BLOB, borrowed until the run has ended.
    func bind(_ position: Int32, blob bytes: BorrowedBytes) {
        unsafe check(
            sqlite3_bind_blob64(handle, position, bytes.start ?? nowhere, UInt64(bytes.count), nil))
    }

    /// Binds bytes as TEXT, borrowed until the run has ended; SQLite neither validates nor converts them.
    func bind(_ position: Int32, text bytes: BorrowedBytes) {
        unsafe check(
            sqlite3_bind_text64(
                handle, position, (bytes.start ?? nowhere).assumingMemoryBound(to: CChar.self),
                UInt64(bytes.count), nil, UInt8(SQLITE_UTF8)))
    }

    /// Binds a copy of a string.
    func bind(_ position: Int32, text: String) {
        var text = text
        text.withUTF8 { utf8 in
            unsafe check(
                sqlite3_bind_text64(
                    handle, position,
                    (UnsafeRawPointer(utf8.baseAddress) ?? nowhere).assumingMemoryBound(to: CChar.self),
                    UInt64(utf8.count), Self.copies, UInt8(SQLITE_UTF8)))
        }
    }

    /// Binds a copy of the 16 bytes of a version.
    func bind(_ position: Int32, version: Version) {
        unsafe version.withUnsafeBytes { bytes in
            unsafe check(
                sqlite3_bind_blob64(handle, position, bytes.baseAddress, UInt64(bytes.count), Self.copies))
        }
    }

    /// `SQLITE_TRANSIENT`, a macro that Swift does not see: SQLite copies before the call returns.
    private static var copies: sqlite3_destructor_type {
        unsafe unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    }

    /// Binds an integer.
    func bind(_ position: Int32, _ integer: Int64) {
        unsafe check(sqlite3_bind_int64(handle, position, integer))
    }

    /// A null pointer would bind NULL where an empty value is meant; with a count of zero nobody reads the
    /// address.
    private var nowhere: UnsafeRawPointer { unsafe UnsafeRawPointer(handle) }

    private func check(_ status: Int32) {
        if status != SQLITE_OK, bindStatus == SQLITE_OK { bindStatus = status }
    }

    // MARK: - Running

    /// Goes to the next row.
    ///
    /// - Returns: whether there is one; after the last, the statement is reset.
    /// - Throws: SQLite's reason; the statement is reset.
    func step() throws(SQLiteError) -> Bool {
        guard bindStatus == SQLITE_OK else {
            defer { bindStatus = SQLITE_OK }
            throw SQLiteError(bindStatus, nil, while: "bind the parameters of “\(sql)”")
        }
        let status = unsafe sqlite3_step(handle)
        if status == SQLITE_ROW { return true }
        if status == SQLITE_DONE {
            unsafe sqlite3_reset(handle)
            return false
        }
        throw failure()
    }

    /// Runs a statement that returns no row.
    func run() throws(SQLiteError) {
        while try step() {}
    }

    /// Ends a run before its last row.
    ///
    /// What was bound is no longer read.
    func reset() {
        unsafe sqlite3_reset(handle)
    }

    private func failure() -> SQLiteError {
        let database = unsafe sqlite3_db_handle(handle)
        let code = unsafe sqlite3_extended_errcode(database)
        let text = unsafe String(cString: sqlite3_errmsg(database))
        let path = unsafe Self.path(of: database)
        var error = SQLiteError(code, text, while: "run “\(sql)” on \(path)")
        if error.primaryCode == SQLITE_IOERR { error.systemCode = unsafe Self.systemCode(of: database) }
        unsafe sqlite3_reset(handle)
        return error
    }

    /// The file of a database, so that an error says where it is.
    private static func path(of database: OpaquePointer?) -> String {
        guard let path = unsafe sqlite3_db_filename(database, "main") else { return "the database" }
        return unsafe String(cString: path)
    }

    /// The `errno` of the last system call that failed on the WAL or the database.
    ///
    /// `sqlite3_system_errno` reads the thread's `errno`, which the way back has overwritten by then.
    private static func systemCode(of database: OpaquePointer?) -> Int32 {
        for which in [SQLITE_FCNTL_JOURNAL_POINTER, SQLITE_FCNTL_FILE_POINTER] {
            var file: UnsafeMutablePointer<sqlite3_file>?
            var code: Int32 = 0
            guard unsafe sqlite3_file_control(database, "main", which, &file) == SQLITE_OK,
                let file = unsafe file, let methods = unsafe file.pointee.pMethods,
                unsafe methods.pointee.xFileControl(file, SQLITE_FCNTL_LAST_ERRNO, &code) == SQLITE_OK,
                code != 0
            else { continue }
            return code
        }
        return 0
    }

    /// The beginning of the statement, for messages.
    private var sql: String {
        let text = unsafe sqlite3_sql(handle).map { unsafe String(cString: $0) } ?? "a statement"
        let line = text.split { $0.isWhitespace }.joined(separator: " ")
        return line.count <= 60 ? line : "\(line.prefix(60))…"
    }

    // MARK: - Columns of the current row, from 0

    /// The column as an integer.
    func integer(_ column: Int32) -> Int64 { unsafe sqlite3_column_int64(handle, column) }

    /// The bytes of a BLOB or TEXT column, valid until the next step or reset.
    func bytes(_ column: Int32) -> UnsafeRawBufferPointer {
        let start = unsafe sqlite3_column_blob(handle, column)
        return unsafe UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(handle, column)))
    }

    /// How many bytes a BLOB or TEXT column has.
    func byteCount(_ column: Int32) -> Int { unsafe Int(sqlite3_column_bytes(handle, column)) }

    /// The column as a string, what is not UTF-8 replaced.
    func text(_ column: Int32) -> String {
        unsafe String(decoding: bytes(column), as: UTF8.self)
    }

    /// Whether the column is NULL.
    func isNull(_ column: Int32) -> Bool { unsafe sqlite3_column_type(handle, column) == SQLITE_NULL }
}
