internal import HoldfastModel
internal import HoldfastSupport

/// What one case of the log suite works with.
final class LogTrial: Sendable {
    let subject: LogSubject
    let seed: UInt64
    private let provider: any LogProvider
    private let current: Guarded<any LogStore>

    init(_ subject: LogSubject, _ provider: any LogProvider, _ log: any LogStore, seed: UInt64) {
        self.subject = subject
        self.provider = provider
        self.seed = seed
        current = Guarded(log)
    }

    /// The open log.
    var log: any LogStore { current.withLock { $0 } }

    /// Closes the log and opens it again.
    func reopen() async throws {
        await log.close()
        let opened = try await provider.open(.unbounded)
        current.withLock { $0 = opened }
    }

    /// Closes the log.
    func close() async { await log.close() }

    /// Appends texts.
    @discardableResult
    func append(_ texts: [String]) async throws -> UInt64 {
        try await log.append(texts.map { Bytes($0) }, .unbounded)
    }

    /// Every entry from an LSN on, read page by page.
    func readAll(from lsn: UInt64 = 1, byteCountMax: Int = 1 << 20) async throws -> [LogRecord] {
        var records: [LogRecord] = []
        var next = lsn
        while true {
            let page = try await log.read(from: next, byteCountMax: byteCountMax, .unbounded)
            guard let last = page.last else { return records }
            records += page
            try expect(last.lsn >= next, "reading from \(next) gave \(last.lsn)")
            next = last.lsn + 1
        }
    }

    /// Fails unless the log holds exactly these texts from an LSN on.
    func expectEntries(_ texts: [String], from lsn: UInt64, _ subject: @autoclosure () -> String) async throws
    {
        let records = try await readAll(from: lsn)
        try expectEqual(records.map(\.lsn), texts.indices.map { lsn + UInt64($0) }, "\(subject()): LSNs")
        try expectEqual(records.map(\.payload.description), texts, "\(subject()): entries")
    }
}
