internal import HoldfastProviderKit

/// Makes tables, and changes them step by step, whoever else does the same at that moment.
///
/// The guard is the row of the layout in `…meta`: it is locked for the length of each migration.
struct PostgresMigration {
    private static let attemptCountMax = 20

    let connection: PostgresConnection
    let options: PostgresOptions
    let tables: PostgresTables
    /// What is migrated, such as `store`.
    let noun: String
    let steps: [[String]]
    let call: CallContext

    /// Takes the steps that are missing.
    ///
    /// - Returns: the identity of the content, a UUID.
    func run() throws(ProviderError) -> String {
        var attempt = 0
        while true {
            do throws(ProviderError) {
                try makeMeta()
                return try migrate()
            } catch {
                attempt += 1
                // Two that make one table meet in the catalog, and only one of them gets through.
                let isRace = ["23505", "42P07", "42P06", "42710", "40001", "40P01", "XX000"]
                guard isRace.contains(error.sqlState), attempt < Self.attemptCountMax else { throw error }
                PostgresPause.wait(attempt)
            }
        }
    }

    private func makeMeta() throws(ProviderError) {
        // Looked for first: a role that may not create is enough where everything is there.
        if try connection.attempt("SELECT 1 FROM \(tables.meta) LIMIT 1", call: call) { return }
        if let schema = options.schema {
            try connection.run(
                [PostgresRequest(sql: "CREATE SCHEMA IF NOT EXISTS \(PostgresText.name(schema))")], call: call
            )
        }
        let table = "CREATE TABLE IF NOT EXISTS \(tables.meta) (name text PRIMARY KEY, value text NOT NULL)"
        try connection.run([PostgresRequest(sql: table)], call: call)
    }

    private func migrate() throws(ProviderError) -> String {
        let layoutName = "\(noun) layout"
        var layout = 0
        var identity = ""
        let reading = [
            PostgresRequest(
                sql: "SELECT name, value FROM \(tables.meta) WHERE name IN ('\(layoutName)', 'identity')")
        ]
        let note = { (_: Int, result: PostgresResult) throws(ProviderError) in
            for row in 0..<result.rowCount {
                if result.text(row, 0) == "identity" {
                    identity = result.text(row, 1)
                } else {
                    layout = Int(result.text(row, 1)) ?? .max
                }
            }
        }
        try connection.run(reading, call: call, note)
        if layout < steps.count || identity.isEmpty {
            // All that is stored may have to be changed.
            _ = connection.host.extend(
                call, by: .seconds(600), "its tables are brought to this version")
            try connection.run(
                [
                    PostgresRequest.begin,
                    insertion(layoutName, "0"), insertion("identity", Self.randomIdentity()),
                    PostgresRequest(
                        sql:
                            "SELECT name, value FROM \(tables.meta) WHERE name IN ('\(layoutName)', 'identity') "
                            + "ORDER BY name FOR UPDATE"),
                ], call: call, note)
            // The transaction is still open, and the row is ours until it ends.
            var requests = steps.dropFirst(layout).joined().map { PostgresRequest(sql: $0) }
            requests.append(
                PostgresRequest(
                    sql: "UPDATE \(tables.meta) SET value = '\(max(layout, steps.count))' "
                        + "WHERE name = '\(layoutName)'"))
            try connection.run(requests + [.commit], call: call)
        }
        guard layout <= steps.count else {
            throw ProviderError(
                .unsupported,
                "the \(noun) in \(tables.meta) has layout \(layout), this plugin knows up to \(steps.count): "
                    + "use a newer one")
        }
        return identity
    }

    private func insertion(_ name: String, _ value: String) -> PostgresRequest {
        PostgresRequest(
            sql: "INSERT INTO \(tables.meta) (name, value) VALUES ('\(name)', '\(value)') "
                + "ON CONFLICT (name) DO NOTHING")
    }

    private static func randomIdentity() -> String {
        let digits = String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
        return digits + String(UInt64.random(in: 1 << 60 ... .max), radix: 16)
    }
}

@available(*, unavailable) extension PostgresMigration: Sendable {}
