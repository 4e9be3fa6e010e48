internal import HoldfastProviderKit

extension PostgresStore {
    /// How long between two looks for records past their time, in nanoseconds.
    private static let purgeInterval: Int64 = 10_000_000_000
    /// How many rows of each kind are let go at once, so that no write waits long.
    private static let purgeCountMax = 200
    /// How long an expired record stays, in milliseconds: clocks of other hosts may be behind.
    private static let expiryGrace: Int64 = 60_000

    /// Lets go of some of what is past its time, once in a while.
    func purgeNowAndThen(_ call: CallContext) throws(ProviderError) {
        guard host.monotonicNanoseconds - lastPurge >= Self.purgeInterval else { return }
        do throws(ProviderError) {
            try purge(call)
        } catch {
            // Another host may be at the same rows, and a full disk refuses this too: the next look does it.
            if error.flags.contains(.storeDead) { throw error }
        }
    }

    /// Lets go of some of what is past its time, in a transaction of its own.
    ///
    /// An expired record becomes a tombstone first: without it, the late replay of an older version would bring
    /// that one back. Tombstones and floors go after `tombstone_retention`. Rows that somebody else has locked
    /// are left for the next time.
    func purge(_ call: CallContext) throws(ProviderError) {
        lastPurge = host.monotonicNanoseconds
        let now = host.unixMilliseconds
        let (seconds, attoseconds) = options.tombstoneRetention.components
        let cutoff = now - seconds * 1000 - attoseconds / 1_000_000_000_000_000
        var expiry = PostgresParameters()
        expiry.add(now - Self.expiryGrace)
        var removal = PostgresParameters()
        removal.add(Version(high: UInt64(max(1, cutoff)) << 16, low: 0))
        removal.add(cutoff)
        var floors = PostgresParameters()
        floors.add(cutoff)
        let choice = "(ns, key, id) IN (SELECT ns, key, id FROM \(tables.records) WHERE"
        let bound = "LIMIT \(Self.purgeCountMax) FOR UPDATE SKIP LOCKED)"
        let records = tables.records
        let heads = tables.heads
        try connection.run(
            [
                .begin,
                PostgresRequest(
                    sql:
                        "UPDATE \(records) SET flags = flags & 1 | 2, value = '', facets = NULL, words = NULL "
                        + "WHERE \(choice) expires > 0 AND flags & 2 = 0 AND expires < $1::bigint ORDER BY expires \(bound)",
                    expiry),
                PostgresRequest(
                    sql: "DELETE FROM \(records) WHERE \(choice) flags & 2 <> 0 AND version < $1::bytea "
                        + "AND expires < $2::bigint ORDER BY version \(bound)", removal),
                // A key of which nothing is left goes as a whole, another loses its floor.
                PostgresRequest(
                    sql: """
                        DELETE FROM \(heads) AS h WHERE (ns, key) IN (
                          SELECT ns, key FROM \(heads)
                          WHERE noted > 0 AND noted < $1::bigint AND last = '' ORDER BY noted \(bound)
                        AND noted > 0 AND noted < $1::bigint AND last = ''
                        AND NOT EXISTS (SELECT 1 FROM \(records) r WHERE r.ns = h.ns AND r.key = h.key)
                        """, floors),
                PostgresRequest(
                    sql: """
                        UPDATE \(heads) SET floor = '', noted = 0, seq = seq + 1 WHERE (ns, key) IN (
                          SELECT ns, key FROM \(heads)
                          WHERE noted > 0 AND noted < $1::bigint ORDER BY noted \(bound)
                        AND noted > 0 AND noted < $1::bigint
                        """, floors),
                .commit,
            ], call: call)
    }
}
