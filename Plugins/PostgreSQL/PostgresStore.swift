internal import HoldfastProviderKit

/// The store role: one connection to a server, and what is remembered of the keys that it has written.
///
/// Several stores may be open on one server, in this process and in others. Each key has one row that every
/// write of it locks and moves, so the merge rule and the conditions are decided by one writer at a time.
final class PostgresStore {
    /// The largest value that is taken, in bytes: PostgreSQL sends and stores at most 1 GiB, as hexadecimal or
    /// escaped text half of it.
    static let valueByteCountMax = 256 << 20

    let host: HostServices
    let options: PostgresOptions
    let connection: PostgresConnection
    let tables: PostgresTables
    let server: PostgresServer
    /// The declared fields.
    let facets: PostgresFacets
    /// See ``PostgresKeyCache``.
    var cache = PostgresKeyCache()
    /// When records past their time were last looked for, on the host's monotonic clock.
    var lastPurge: Int64

    /// Connects, makes or migrates the tables.
    init(_ request: OpenRequest, host: HostServices, call: CallContext) throws(ProviderError) {
        options = try PostgresOptions(request.options, role: .store)
        self.host = host
        tables = PostgresTables(options)
        lastPurge = host.monotonicNanoseconds
        connection = try PostgresConnection.open(options, host: host, call: call)
        if let setting = options.synchronousCommit {
            try connection.run([PostgresRequest(sql: "SET synchronous_commit = \(setting)")], call: call)
        }
        let identity = try PostgresMigration(
            connection: connection, options: options, tables: tables, noun: "store",
            steps: PostgresStoreSchema.steps(tables, partitionCount: options.partitionCount), call: call
        ).run()
        try PostgresStoreSchema.checkPartitions(connection, tables, options, call)
        server = try PostgresServer(identity: identity, connection: connection, call: call)
        facets = PostgresFacets(request.indexes)
        try Self.makeViews(connection, tables, host, request.instance, call)
        try PostgresFiling(facets: facets, connection: connection, tables: tables, call: call).run()
        try connection.prepare(PostgresStoreStatements.all(tables), call: call)
    }

    private static func makeViews(
        _ connection: PostgresConnection, _ tables: PostgresTables, _ host: HostServices, _ instance: String,
        _ call: CallContext
    ) throws(ProviderError) {
        // They are for people: a server or a role that cannot make them serves the store as well.
        if try connection.attempt("SELECT 1 FROM \(tables.table("documents")) LIMIT 0", call: call) { return }
        for view in PostgresStoreSchema.views(tables) {
            guard try !connection.attempt(view, call: call) else { continue }
            host.log(
                .info, source: instance, "the views for people could not be made; the store works without")
        }
    }
}

extension PostgresStore: FlushableStore {
    var info: StoreInfo {
        var capabilities: StoreInfo.Capabilities = [.multiOpen, .atomicBatch, .conditions, .shared, .rawScan]
        if server.isDurable { capabilities.insert(.durable) }
        return StoreInfo(
            capabilities: capabilities, incarnation: server.incarnation,
            valueByteCountMax: UInt64(Self.valueByteCountMax), batchByteCountMax: 384 << 20)
    }

    func ping(integrity: Bool, call: CallContext) throws(ProviderError) {
        let question = integrity ? PostgresStoreStatements.integrity(tables) : "SELECT 0::bigint"
        var damagedCount: Int64 = 0
        try connection.run([PostgresRequest(sql: question)], call: call) { _, result throws(ProviderError) in
            if result.rowCount > 0 { damagedCount = result.integer(0, 0) }
        }
        if damagedCount > 0 {
            throw ProviderError(
                .corrupt,
                "\(damagedCount) rows of \(tables.records) have an id or a version of a wrong length")
        }
    }

    /// Makes durable what was applied: a commit that waits for the disk has all before it on the disk.
    func flush(call: CallContext) throws(ProviderError) {
        try purge(call)
        let note =
            "INSERT INTO \(tables.meta) (name, value) VALUES ('flushed', '1') "
            + "ON CONFLICT (name) DO UPDATE SET value = excluded.value"
        try connection.run(
            [
                .begin, PostgresRequest(sql: "SET LOCAL synchronous_commit = on"), PostgresRequest(sql: note),
                .commit,
            ], call: call, commits: true)
    }

    func close() {}
}
