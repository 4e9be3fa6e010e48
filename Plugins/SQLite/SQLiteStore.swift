internal import CSQLite
internal import HoldfastProviderKit

/// The store role: one connection to a database file, and the statements that are kept on it.
///
/// Several stores may be open on one file, in this process and in others: readers see the last commit and
/// never wait, writers wait for each other up to `busy_timeout`. The merge rule and the conditions are
/// decided under the write lock, so they hold whoever else writes.
///
/// A file that is deleted, renamed or replaced while it is open is noticed before each call: the store is
/// then dead, so nothing is written where nobody would find it.
final class SQLiteStore {
    /// The largest value that is taken, in bytes: what the host allows at most, with room to spare.
    static let valueByteCountMax = 256 << 20

    let host: HostServices
    let options: SQLiteOptions
    let connection: SQLiteConnection
    /// See ``SQLiteCheckpointer``.
    private let checkpointer: SQLiteCheckpointer
    let statements: SQLiteStoreStatements
    let incarnation: String
    /// The statements of scans by their text, a handful for each host.
    var scanStatements: [String: SQLiteStatement] = [:]
    /// The declared fields that the file has indexes for.
    var indexes: SQLiteFieldIndexes
    /// What looks for values that an index files apart, by declared namespace.
    var scans: [(namespace: OwnedBytes, scan: SQLiteFieldScan)] = []
    /// Where the values of a page stand until the host takes them.
    let rowSpace = SQLiteRowSpace()
    /// What queries ask of a row.
    let selectFunction = SQLiteSelectFunction()
    /// See ``SQLiteListHeads``.
    var heads = SQLiteListHeads()
    /// `PRAGMA data_version` when ``heads`` was last valid; it moves when another connection commits.
    var dataVersion: Int64 = -1
    /// When records past their time were last looked for, on the host's monotonic clock.
    var lastPurge: Int64

    /// Opens a file, makes or migrates its tables.
    init(_ request: OpenRequest, host: HostServices, call: CallContext) throws(ProviderError) {
        options = try SQLiteOptions(request.options, role: .store)
        self.host = host
        let limits = SQLiteCallLimits(host: host, busyTimeout: options.busyTimeout)
        connection = try SQLiteConnection.open(
            options, schema: SQLiteStoreSchema.schema, limits: limits, call: call)
        lastPurge = host.monotonicNanoseconds
        let connection = connection
        let options = options
        let selectFunction = selectFunction
        let opened = try connection.perform(call) { () throws(SQLiteError) in
            let incarnation = try SQLiteStoreSchema.schema.prepare(
                connection, pageByteCount: options.pageByteCount, now: host.unixMilliseconds)
            try connection.tune(
                synchronous: options.synchronous.rawValue, cacheByteCount: options.cacheByteCount,
                mapByteCount: options.mapByteCount, checkpointByteCount: options.checkpointByteCount)
            try selectFunction.register(on: connection)
            try SQLiteWordIndex.register(on: connection)
            let indexes = try SQLiteFieldIndexes.declare(request.indexes, on: connection)
            let checkpointer = try SQLiteCheckpointer(
                connection, synchronous: options.synchronous,
                checkpointByteCount: options.checkpointByteCount)
            return (incarnation, indexes, try SQLiteStoreStatements(connection), checkpointer)
        }
        (incarnation, indexes, statements, checkpointer) = opened
        rememberIndexes()
    }

    /// Prepares what looks at the values of declared namespaces.
    func rememberIndexes() {
        scans = indexes.byNamespace.map { namespace, indexes in
            (namespace, SQLiteFieldScan(fields: indexes.map(\.field)))
        }
    }

    /// Fails when the path no longer names the open file.
    func checkFile() throws(SQLiteError) {
        guard FileIdentity(path: connection.path) != connection.identity else { return }
        throw SQLiteError.moved(connection.path, "it was deleted or replaced while it was open")
    }
}

extension SQLiteStore: FlushableStore {
    var info: StoreInfo {
        var capabilities: StoreInfo.Capabilities = [.multiOpen, .atomicBatch, .conditions, .shared, .rawScan]
        if options.synchronous.isDurable { capabilities.insert(.durable) }
        return StoreInfo(
            capabilities: capabilities, incarnation: incarnation,
            valueByteCountMax: UInt64(Self.valueByteCountMax))
    }

    func ping(integrity: Bool, call: CallContext) throws(ProviderError) {
        let finding = try connection.perform(call) { () throws(SQLiteError) -> String? in
            try checkFile()
            guard try connection.text("SELECT value FROM meta WHERE name = 'incarnation'") == incarnation
            else {
                throw SQLiteError.moved(connection.path, "its content was replaced while it was open")
            }
            guard integrity else { return nil }
            if let finding = try connection.firstFinding() { return finding }
            return try SQLiteWordIndex.finding(on: connection)
        }
        if let finding {
            throw ProviderError(
                .corrupt, "\(connection.path) is damaged: \(finding)", vendorCode: Int64(SQLITE_CORRUPT))
        }
    }

    /// Makes durable what was applied, whatever `synchronous` says.
    ///
    /// Syncs the WAL, where every commit is until it is copied into the file, and with `synchronous: off`
    /// also the file, into which checkpoints then copy without a sync.
    func flush(call: CallContext) throws(ProviderError) {
        try connection.perform(call) { () throws(SQLiteError) in
            try checkFile()
            try purge(isForced: true)
            try connection.sync(databaseToo: options.synchronous == .off)
        }
    }

    func close() { checkpointer.end() }
}
