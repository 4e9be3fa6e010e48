internal import CSQLite
internal import HoldfastProviderKit

/// The log role: entries in a database file that one process holds.
///
/// Durable at each append, whatever the options say: the WAL is synced at each commit. SQLite has no
/// checksums of its own, so each entry carries one, and a bit that the disk turned is `corrupt` instead of
/// another entry.
final class SQLiteLog {
    /// The largest entry that is taken, in bytes.
    static let entryByteCountMax = 512 << 20

    let host: HostServices
    let options: SQLiteOptions
    let limits: SQLiteCallLimits
    private let lock: ProcessLock
    private let incarnation: String
    private var opened: SQLiteLogFile?

    /// Opens a log that no other process holds.
    init(_ request: OpenRequest, host: HostServices, call: CallContext) throws(ProviderError) {
        options = try SQLiteOptions(request.options, role: .log)
        self.host = host
        if options.isCreated { try Directory.make(Directory.parent(of: options.path)) }
        lock = try ProcessLock(path: options.path + ".lock", of: "the log \(options.path)")
        limits = SQLiteCallLimits(host: host, busyTimeout: options.busyTimeout)
        let file = try SQLiteLogFile(options, limits: limits, host: host, call: call)
        opened = file
        incarnation = file.incarnation
        if let damage = file.damage {
            host.log(
                .error, source: request.instance,
                "the log \(options.path) is damaged and read-only: \(damage)")
        }
    }

    /// See ``SQLiteLogFile``.
    var file: SQLiteLogFile {
        get throws(ProviderError) {
            if let opened { return opened }
            throw ProviderError(
                .unavailable, "the log \(options.path) was closed by a salvage that failed",
                flags: [.retryable, .storeDead])
        }
    }

    /// Closes the file, so that it can be renamed, and opens what is there afterwards.
    ///
    /// SQLite removes the WAL by its name when it closes, so nothing may be renamed before.
    func reopen(after rename: () throws(ProviderError) -> Void, call: CallContext) throws(ProviderError) {
        opened = nil
        try rename()
        opened = try SQLiteLogFile(options, limits: limits, host: host, call: call)
    }

    private func corrupt(_ damage: String) -> ProviderError {
        ProviderError(
            .corrupt, "the log \(options.path) is damaged: \(damage); it is read-only until it is salvaged",
            vendorCode: Int64(SQLITE_CORRUPT))
    }
}

extension SQLiteLog: LogDriver {
    var info: StoreInfo {
        StoreInfo(
            capabilities: [.durable], incarnation: incarnation, storeCountMax: 1,
            valueByteCountMax: UInt64(Self.entryByteCountMax))
    }

    func ping(integrity: Bool, call: CallContext) throws(ProviderError) {
        let file = try file
        try file.connection.perform(call) { () throws(SQLiteError) in
            try file.checkIdentity()
            guard integrity else { return }
            if let finding = try file.connection.firstFinding() { file.note(damage: finding) }
            try file.forEach(from: 0) { lsn, _, isWhole in
                if !isWhole { file.note(damage: "entry \(lsn) does not have its checksum") }
                return isWhole
            }
        }
        if let damage = file.damage { throw corrupt(damage) }
    }

    func append(_ entries: EntryBuffer, call: CallContext) throws(ProviderError) -> UInt64 {
        let file = try file
        if let damage = file.damage { throw corrupt(damage) }
        for entry in entries where entry.count > Self.entryByteCountMax {
            throw ProviderError(
                .invalid,
                "an entry has \(entry.count) bytes, this log takes at most \(Self.entryByteCountMax)")
        }
        let first = file.last + 1
        try file.connection.perform(call) { () throws(SQLiteError) in
            try file.checkIdentity()
            try checkRoom(for: entries, in: file)
            try file.append(entries.lazy.enumerated().map { (first + UInt64($0.offset), $0.element) })
        }
        return first
    }

    private func checkRoom(for entries: EntryBuffer, in file: SQLiteLogFile) throws(SQLiteError) {
        guard options.byteCountMax > 0 else { return }
        let wanted = entries.reduce(UInt64(0)) { $0 + UInt64($1.count) }
        let held = try file.byteCount()
        guard held + wanted > UInt64(options.byteCountMax) else { return }
        throw SQLiteError(
            SQLITE_FULL, "it takes \(held) bytes and option \"max_size\" is \(options.byteCountMax)",
            while: "append to \(options.path)")
    }

    func read(
        from lsn: UInt64, byteCountMax: UInt64, into sink: inout EntrySink, call: CallContext
    ) throws(ProviderError) {
        let file = try file
        try file.connection.begin(call)
        defer { file.connection.end() }
        do throws(SQLiteError) {
            try file.checkIdentity()
            var byteCount: UInt64 = 0
            try file.forEach(from: lsn) { lsn, entry, isWhole in
                guard isWhole else {
                    file.note(damage: "entry \(lsn) does not have its checksum")
                    return true
                }
                byteCount += UInt64(entry.count)
                return sink.push(lsn: lsn, entry) && byteCount < byteCountMax
            }
        } catch {
            throw file.connection.failure(error)
        }
    }

    func bounds(call: CallContext) throws(ProviderError) -> LogBounds {
        let file = try file
        let byteCount = try file.connection.perform(call) { () throws(SQLiteError) in
            try file.checkIdentity()
            return try file.byteCount()
        }
        return LogBounds(first: file.trimmed + 1, last: file.last, byteCount: byteCount)
    }

    func trim(before lsn: UInt64, call: CallContext) throws(ProviderError) {
        let file = try file
        guard lsn > 1, file.damage == nil else { return }
        try file.connection.perform(call) { () throws(SQLiteError) in
            try file.checkIdentity()
            try file.trim(upTo: min(lsn - 1, file.last))
        }
    }
}
