internal import HoldfastProviderKit

extension SQLiteStore {
    /// How long between two looks for records past their time, in nanoseconds.
    private static let purgeInterval: Int64 = 10_000_000_000
    /// How many rows of each kind are let go at once, so that no write waits long.
    private static let purgeCountMax = 200
    /// How long an expired record stays, in milliseconds: clocks of other hosts may be behind.
    private static let expiryGrace: Int64 = 60_000

    /// Lets go of some of what is past its time; under the write lock, or in a transaction of its own when
    /// forced.
    ///
    /// An expired record becomes a tombstone first: without it, the late replay of an older version would
    /// bring that one back. Tombstones and floors go after `tombstone_retention`.
    func purge(isForced: Bool) throws(SQLiteError) {
        let now = host.monotonicNanoseconds
        guard isForced || now - lastPurge >= Self.purgeInterval else { return }
        lastPurge = now
        guard isForced else { return try purgeStep() }
        guard try hasPurgeable() else { return }
        try connection.withTransaction { () throws(SQLiteError) in try purgeStep() }
    }

    private var cutoff: Int64 {
        let (seconds, attoseconds) = options.tombstoneRetention.components
        return host.unixMilliseconds - seconds * 1000 - attoseconds / 1_000_000_000_000_000
    }

    private func hasPurgeable() throws(SQLiteError) -> Bool {
        let statement = try connection.prepare(
            """
            SELECT EXISTS (SELECT 1 FROM records WHERE expires > 0 AND flags & 512 = 0 AND expires < ?1)
              OR EXISTS (SELECT 1 FROM records WHERE flags & 514 <> 0 AND version < ?2 AND expires < ?3)
              OR EXISTS (SELECT 1 FROM floors WHERE noted < ?3)
            """)
        statement.bind(1, host.unixMilliseconds - Self.expiryGrace)
        statement.bind(2, version: Version(milliseconds: cutoff))
        statement.bind(3, cutoff)
        return try statement.step() && statement.integer(0) != 0
    }

    private func purgeStep() throws(SQLiteError) {
        let cutoff = cutoff
        let choice = "(ns, key, id) IN (SELECT ns, key, id FROM records WHERE"
        let expiry = try scanStatement(
            """
            UPDATE records SET flags = flags | 512, value = '' WHERE \(choice)
              expires > 0 AND flags & 512 = 0 AND expires < ?1 ORDER BY expires LIMIT \(Self.purgeCountMax))
            """)
        expiry.bind(1, host.unixMilliseconds - Self.expiryGrace)
        try expiry.run()
        let removal = try scanStatement(
            """
            DELETE FROM records WHERE \(choice)
              flags & 514 <> 0 AND version < ?1 AND expires < ?2 ORDER BY version LIMIT \(Self.purgeCountMax))
            """)
        removal.bind(1, version: Version(milliseconds: cutoff))
        removal.bind(2, cutoff)
        try removal.run()
        let removedCount = connection.changedRowCount
        let floors = try scanStatement(
            """
            DELETE FROM floors WHERE (ns, key) IN (
              SELECT ns, key FROM floors WHERE noted < ?1 ORDER BY noted LIMIT \(Self.purgeCountMax))
            """)
        floors.bind(1, cutoff)
        try floors.run()
        if removedCount + connection.changedRowCount > 0 { heads.removeAll() }
    }

    /// A statement that is kept once it was needed.
    func scanStatement(_ sql: String) throws(SQLiteError) -> SQLiteStatement {
        if let statement = scanStatements[sql] { return statement }
        // A host has a handful of kinds of scans; whoever makes up many must not make the store keep them
        // all.
        if scanStatements.count >= 64 { scanStatements.removeAll() }
        let statement = try connection.prepare(sql)
        scanStatements[sql] = statement
        return statement
    }
}

extension Version {
    /// The lowest version of a millisecond.
    fileprivate init(milliseconds: Int64) {
        self.init(high: UInt64(max(0, milliseconds)) << 16, low: 0)
    }
}
