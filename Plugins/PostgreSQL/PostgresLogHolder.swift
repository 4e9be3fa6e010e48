private import Glibc
internal import HoldfastProviderKit

/// Who holds a log: a token that every append asks for, and words for whoever comes second.
///
/// The claim lasts as long as the session that made it: when the process ends, however it ends, the server closes
/// the session, and the next one may take the log over. The token fences the late holder off.
struct PostgresLogHolder: Sendable {
    let token: String
    private let description: String

    init() {
        token =
            String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
            + String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
        var name = [CChar](repeating: 0, count: 256)
        let isNamed = unsafe gethostname(&name, name.count - 1) == 0
        let machine = String(
            decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
        description = "process \(getpid()) on \(isNamed ? machine : "a machine without a name")"
    }

    /// Takes the log, unless the session of another holder is still there.
    ///
    /// - Throws: `unavailable`, naming the holder.
    func claim(
        _ connection: PostgresConnection, _ tables: PostgresTables, _ call: CallContext
    ) throws(ProviderError) {
        var parameters = PostgresParameters()
        parameters.add(bytes: Array(token.utf8))
        parameters.add(bytes: Array(description.utf8))
        let claim = """
            UPDATE \(tables.log) SET owner = convert_from($1::bytea, 'UTF8'),
              holder = convert_from($2::bytea, 'UTF8'), backend = pg_backend_pid(),
              started = (SELECT backend_start::text FROM pg_stat_activity WHERE pid = pg_backend_pid())
            WHERE name = 'log' AND NOT EXISTS (
              SELECT 1 FROM pg_stat_activity a
              WHERE a.pid = backend AND coalesce(a.backend_start::text, started) = started
                AND a.pid <> pg_backend_pid())
            """
        var isClaimed = false
        var holder = ""
        // The time zone decides how a time is written.
        try connection.run([PostgresRequest(sql: "SET TimeZone = 'UTC'")], call: call)
        try connection.run(
            [
                .begin,
                PostgresRequest(sql: "SELECT holder FROM \(tables.log) WHERE name = 'log' FOR UPDATE"),
                PostgresRequest(sql: claim, parameters), .commit,
            ], call: call, commits: true
        ) { index, result throws(ProviderError) in
            if index == 1, result.rowCount > 0 { holder = result.text(0, 0) }
            if index == 2 { isClaimed = result.changedRowCount == 1 }
        }
        guard isClaimed else {
            throw ProviderError(
                .unavailable,
                "the log \(tables.log) is held by \(holder); a log belongs to one process, stop that one first"
            )
        }
    }

    /// Gives the log back, so that the next one need not wait for the server to notice the closed session.
    func release(_ connection: PostgresConnection, _ tables: PostgresTables, _ call: CallContext)
        throws(ProviderError)
    {
        var parameters = PostgresParameters()
        parameters.add(bytes: Array(token.utf8))
        let release = """
            UPDATE \(tables.log) SET owner = '', holder = '', backend = 0, started = ''
            WHERE name = 'log' AND owner = convert_from($1::bytea, 'UTF8')
            """
        try connection.run([PostgresRequest(sql: release, parameters)], call: call)
    }
}
