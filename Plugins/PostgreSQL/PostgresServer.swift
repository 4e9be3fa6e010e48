internal import HoldfastProviderKit

/// What is known of the server behind a connection.
struct PostgresServer: Hashable, Sendable {
    /// Another text when the server may have lost writes that it had answered.
    let incarnation: String
    /// Whether a commit that returned survives a power loss.
    let isDurable: Bool

    /// Asks the server.
    ///
    /// The identity of the cluster and its timeline: a promotion and a restore begin another one. A server that
    /// has neither is known by the identity in `…meta` alone. Where commits do not wait for the disk, a restart
    /// counts too.
    ///
    /// - Parameters:
    ///   - identity: of the content, from `…meta`.
    ///   - connection: to the server.
    ///   - call: deadline and cancellation.
    /// - Throws: what ended the connection; a question that the server does not know is no failure.
    init(identity: String, connection: PostgresConnection, call: CallContext) throws(ProviderError) {
        let own = String(identity.prefix(12))
        // The timeline of the last checkpoint would lag behind a promotion; that of the next log file does not.
        let system = try Self.text(
            """
            SELECT system_identifier::text || '.' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8)
            FROM pg_control_system()
            """, connection, call)
        let setting = try Self.text(
            "SELECT current_setting('synchronous_commit') || ' ' || current_setting('fsync')", connection,
            call)
        isDurable = setting.map { !$0.hasPrefix("off ") && !$0.hasSuffix(" off") } ?? true
        var parts = [own]
        if let system { parts.append(system) }
        if !isDurable {
            let start = try Self.text(
                "SELECT (extract(epoch FROM pg_postmaster_start_time()) * 1000)::bigint::text", connection,
                call)
            if let start { parts.append(start) }
        }
        incarnation = parts.joined(separator: ".")
    }

    /// The first column of the first row, or nothing where the server does not know what is asked.
    private static func text(
        _ sql: String, _ connection: PostgresConnection, _ call: CallContext
    ) throws(ProviderError) -> String? {
        var answer: String?
        do throws(ProviderError) {
            try connection.run([PostgresRequest(sql: sql)], call: call) { _, result throws(ProviderError) in
                if result.rowCount > 0 { answer = result.text(0, 0) }
            }
        } catch {
            // What a server does not have is an answer; that it is gone is not.
            let classes = ["42", "0A", "55", "22"]
            guard classes.contains(String(error.sqlState.prefix(2))) else { throw error }
        }
        return answer
    }
}
