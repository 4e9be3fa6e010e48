private import CSQLite
internal import HoldfastProviderKit

extension SQLiteConnection {
    /// Opens the file of a backend, made where it is missing, and refuses what is not ours.
    static func open(
        _ options: SQLiteOptions, schema: SQLiteSchema, limits: SQLiteCallLimits, call: CallContext
    ) throws(ProviderError) -> SQLiteConnection {
        if FileIdentity(path: options.path) == nil {
            guard options.isCreated else {
                throw ProviderError(
                    .unavailable, "\(options.path) does not exist and option \"create\" is false",
                    vendorCode: Int64(SQLITE_CANTOPEN))
            }
            try Directory.make(Directory.parent(of: options.path))
        }
        let connection: SQLiteConnection
        do throws(SQLiteError) {
            connection = try SQLiteConnection(
                path: options.path, isCreated: options.isCreated, limits: limits)
        } catch {
            throw ProviderError(error)
        }
        // SQLite opens for reading what it must not write, without a word.
        guard unsafe sqlite3_db_readonly(connection.handle, "main") == 0 else {
            throw ProviderError(
                .permission, "\(options.path) cannot be written by this user",
                vendorCode: Int64(SQLITE_READONLY))
        }
        let refusal = try connection.perform(call) { () throws(SQLiteError) in
            try schema.refusal(of: connection)
        }
        if let refusal { throw refusal }
        return connection
    }

    /// Applies the settings of a connection.
    func tune(
        synchronous: String, cacheByteCount: Int64, mapByteCount: Int64, checkpointByteCount: Int64
    ) throws(SQLiteError) {
        let pageByteCount = max(1, try integer("PRAGMA page_size") ?? 4096)
        try execute("PRAGMA synchronous = \(synchronous)")
        try execute("PRAGMA cache_size = -\(cacheByteCount >> 10)")
        try execute("PRAGMA mmap_size = \(mapByteCount)")
        try execute("PRAGMA wal_autocheckpoint = \(max(1, checkpointByteCount / pageByteCount))")
        // A WAL that once grew is cut back after a checkpoint, so a burst does not keep its space.
        try execute("PRAGMA journal_size_limit = \(checkpointByteCount * 2)")
        try execute("PRAGMA temp_store = MEMORY")
        // What was cleared is gone from the file, not only from its index.
        try execute("PRAGMA secure_delete = ON")
        try execute("PRAGMA cell_size_check = ON")
    }

    /// What `PRAGMA integrity_check` finds first, or nothing when the file is sound.
    func firstFinding() throws(SQLiteError) -> String? {
        guard let answer = try text("PRAGMA integrity_check(1)"), answer != "ok" else { return nil }
        return answer
    }
}
