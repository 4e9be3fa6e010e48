internal import HoldfastProviderKit
internal import HoldfastSupport

/// The log role: entries in a table that one process holds.
final class PostgresLog {
    /// The largest entry that is taken, in bytes.
    private static let entryByteCountMax = 256 << 20
    /// How many entries one read asks for at a time.
    private static let pageRowCount: Int64 = 256

    private let host: HostServices
    private let options: PostgresOptions
    private let connection: PostgresConnection
    private let tables: PostgresTables
    private let incarnation: String
    private let holder: PostgresLogHolder
    /// The highest LSN that was given out.
    private var last: UInt64 = 0

    /// Connects, and takes a log that no other process holds.
    init(_ request: OpenRequest, host: HostServices, call: CallContext) throws(ProviderError) {
        options = try PostgresOptions(request.options, role: .log)
        self.host = host
        tables = PostgresTables(options)
        holder = PostgresLogHolder()
        connection = try PostgresConnection.open(options, host: host, call: call)
        let identity = try PostgresMigration(
            connection: connection, options: options, tables: tables, noun: "log",
            steps: PostgresLogSchema.steps(tables), call: call
        ).run()
        let server = try PostgresServer(identity: identity, connection: connection, call: call)
        incarnation = server.incarnation
        if !server.isDurable {
            host.log(
                .warning, source: request.instance,
                "the server does not wait for the disk by itself; this log asks it to at each append")
        }
        try connection.run([PostgresRequest(sql: "SET synchronous_commit = on")], call: call)
        try holder.claim(connection, tables, call)
        try connection.prepare(PostgresLogSchema.statements(tables), call: call)
        last = try bounds(call: call).last
    }
}

extension PostgresLog: LogDriver {
    var info: StoreInfo {
        StoreInfo(
            capabilities: [.durable], incarnation: incarnation, storeCountMax: 1,
            valueByteCountMax: UInt64(Self.entryByteCountMax))
    }

    func ping(integrity: Bool, call: CallContext) throws(ProviderError) {
        let bounds = try bounds(call: call)
        guard integrity else { return }
        var next = bounds.first
        while next <= bounds.last {
            try page(from: next, rowCount: Self.pageRowCount, call) { lsn, _ throws(ProviderError) in
                guard lsn == next else {
                    throw ProviderError(.corrupt, "entry \(next) of \(tables.entries) is missing")
                }
                next = lsn + 1
                return true
            }
            guard next > bounds.first else {
                throw ProviderError(.corrupt, "entry \(next) of \(tables.entries) is missing")
            }
        }
    }

    func append(_ entries: EntryBuffer, call: CallContext) throws(ProviderError) -> UInt64 {
        for entry in entries where entry.count > Self.entryByteCountMax {
            throw ProviderError(
                .invalid,
                "an entry has \(entry.count) bytes, this log takes at most \(Self.entryByteCountMax)")
        }
        let first = last + 1
        guard !entries.isEmpty else { return first }
        let byteCount = entries.reduce(0) { $0 + $1.count }
        if options.byteCountMax > 0 {
            let held = try bounds(call: call).byteCount
            guard held + UInt64(byteCount) <= UInt64(options.byteCountMax) else {
                throw ProviderError(
                    .exhausted,
                    "the log takes \(held) bytes and option \"max_size\" is \(options.byteCountMax)",
                    retryAfterMilliseconds: 1000)
            }
        }
        var parameters = PostgresParameters()
        parameters.add(bytes: Array(holder.token.utf8))
        parameters.add(Int64(last))
        parameters.add(Int64(entries.count))
        parameters.add(Int64(byteCount))
        parameters.addIntegers(entries.count) { Int64(first) + Int64($0) }
        parameters.addIntegers(entries.count) { Self.checksum(first + UInt64($0), entries[$0]) }
        parameters.addArray(entries.count) { $1.append(entries[$0]) }
        var writtenCount = 0
        try connection.run([PostgresRequest("append", parameters)], call: call, commits: true) {
            _, result throws(ProviderError) in writtenCount = result.changedRowCount
        }
        guard writtenCount == entries.count else { throw lostHold }
        last += UInt64(entries.count)
        return first
    }

    func read(
        from lsn: UInt64, byteCountMax: UInt64, into sink: inout EntrySink, call: CallContext
    ) throws(ProviderError) {
        var next = lsn
        var byteCount: UInt64 = 0
        var isFull = false
        while !isFull {
            // How many entries fit is asked first, so that no more are sent than are passed on.
            var rowCount: Int64 = 0
            var planned = byteCount
            var parameters = PostgresParameters()
            parameters.add(Int64(clamping: next))
            try connection.run([PostgresRequest("sizes", parameters)], call: call) {
                _, result throws(ProviderError) in
                for row in 0..<result.rowCount {
                    planned += UInt64(result.integer(row, 1))
                    if planned > byteCountMax, byteCount > 0 || rowCount > 0 {
                        isFull = true
                        return
                    }
                    rowCount += 1
                }
            }
            guard rowCount > 0 else { return }
            try page(from: next, rowCount: rowCount, call) { found, entry throws(ProviderError) in
                byteCount += UInt64(entry.count)
                next = found + 1
                if !sink.push(lsn: found, entry) { isFull = true }
                return !isFull
            }
        }
    }

    func bounds(call: CallContext) throws(ProviderError) -> LogBounds {
        var bounds: LogBounds?
        var isOurs = false
        try connection.run([PostgresRequest("bounds")], call: call) { _, result throws(ProviderError) in
            guard result.rowCount > 0 else { return }
            isOurs = result.text(0, 3) == holder.token
            bounds = LogBounds(
                first: UInt64(clamping: result.integer(0, 0)), last: UInt64(clamping: result.integer(0, 1)),
                byteCount: UInt64(clamping: result.integer(0, 2)))
        }
        guard let bounds else { throw ProviderError(.corrupt, "\(tables.log) has lost its row") }
        guard isOurs else { throw lostHold }
        return bounds
    }

    func trim(before lsn: UInt64, call: CallContext) throws(ProviderError) {
        guard lsn > 1 else { return }
        var parameters = PostgresParameters()
        parameters.add(bytes: Array(holder.token.utf8))
        parameters.add(Int64(clamping: min(lsn, last + 1)))
        try connection.run([PostgresRequest("trim", parameters)], call: call, commits: true)
    }

    func close() {
        guard !connection.isDead else { return }
        // Should the server not answer, it notices the end of the session by itself.
        try? holder.release(connection, tables, .unbounded)
    }

    // MARK: - Entries

    private func page(
        from lsn: UInt64, rowCount: Int64, _ call: CallContext,
        _ body: (UInt64, BorrowedBytes) throws(ProviderError) -> Bool
    ) throws(ProviderError) {
        var parameters = PostgresParameters()
        parameters.add(Int64(clamping: lsn))
        parameters.add(rowCount)
        var isWanted = true
        try connection.run([PostgresRequest("read", parameters)], call: call, streams: true) {
            _, result throws(ProviderError) in
            for row in 0..<result.rowCount where isWanted {
                let lsn = UInt64(clamping: result.integer(row, 0))
                let entry = result.bytes(row, 2)
                guard result.integer(row, 1) == Self.checksum(lsn, entry) else {
                    throw ProviderError(
                        .corrupt, "entry \(lsn) of \(tables.entries) does not have its checksum")
                }
                isWanted = try body(lsn, entry)
            }
        }
    }

    private static func checksum(_ lsn: UInt64, _ entry: BorrowedBytes) -> Int64 {
        let seed = unsafe withUnsafeBytes(of: lsn.bigEndian) { unsafe CRC32C.checksum($0) }
        return Int64(unsafe entry.withUnsafeBytes { unsafe CRC32C.checksum($0, seed: seed) })
    }

    private var lostHold: ProviderError {
        ProviderError(
            .unavailable,
            "the log \(tables.log) was taken over by another process, or does not end where it did",
            flags: [.retryable, .storeDead])
    }
}
