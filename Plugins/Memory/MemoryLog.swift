internal import HoldfastProviderKit
internal import HoldfastSupport

/// The entries of one log in memory; they live as long as the process.
final class MemoryLogEntries: Sendable {
    /// What the log holds.
    struct Contents {
        var first: UInt64 = 1
        var byteCount = 0
        var entries = TrimmableList<OwnedBytes>()
    }

    let contents = Guarded(Contents())
    /// The identity of the log.
    let incarnation = "memory-log-" + String(UInt64.random(in: .min ... .max), radix: 16)

    private init() {}

    private static let logs = Guarded<[String: MemoryLogEntries]>([:])

    /// The log of a name, made when it is named first.
    static func named(_ name: String) -> MemoryLogEntries {
        logs.withLock { logs in
            if let log = logs[name] { return log }
            let log = MemoryLogEntries()
            logs[name] = log
            return log
        }
    }
}

/// One open handle on a log in memory.
///
/// What it calls durable is as durable as the process.
final class MemoryLog: LogDriver, Sendable {
    private let log: MemoryLogEntries
    private let byteCountMax: Int

    init(_ log: MemoryLogEntries, _ options: MemoryOptions) {
        self.log = log
        byteCountMax = options.byteCountMax
    }

    var info: StoreInfo {
        StoreInfo(capabilities: [.concurrent, .nonblocking], incarnation: log.incarnation)
    }

    func append(_ entries: EntryBuffer, call: CallContext) throws(ProviderError) -> UInt64 {
        let copies = entries.map { OwnedBytes(copying: $0) }
        let added = copies.reduce(0) { $0 + $1.count }
        return try log.contents.withLock { contents throws(ProviderError) in
            if byteCountMax > 0, contents.byteCount + added > byteCountMax {
                throw ProviderError(
                    .exhausted,
                    "max_size of \(byteCountMax) bytes: \(contents.byteCount) are used, \(added) more do not fit"
                )
            }
            let lsn = contents.first + UInt64(contents.entries.count)
            for copy in copies { contents.entries.append(copy) }
            contents.byteCount += added
            return lsn
        }
    }

    func read(
        from lsn: UInt64, byteCountMax: UInt64, into sink: inout EntrySink, call: CallContext
    ) throws(ProviderError) {
        let (first, page) = log.contents.withLock { contents in
            var page: [OwnedBytes] = []
            let first = max(lsn, contents.first)
            var size: UInt64 = 0
            var index = Int(clamping: first - contents.first)
            while index < contents.entries.count {
                let entry = contents.entries[index]
                if !page.isEmpty, size + UInt64(entry.count) > byteCountMax { break }
                size += UInt64(entry.count)
                page.append(entry)
                index += 1
            }
            return (first, page)
        }
        for (offset, entry) in page.enumerated() {
            guard withExtendedLifetime(entry, { sink.push(lsn: first + UInt64(offset), entry.borrowed) })
            else {
                return
            }
        }
    }

    func bounds(call: CallContext) throws(ProviderError) -> LogBounds {
        log.contents.withLock { contents in
            LogBounds(
                first: contents.first, last: contents.first + UInt64(contents.entries.count) - 1,
                byteCount: UInt64(contents.byteCount))
        }
    }

    func trim(before lsn: UInt64, call: CallContext) throws(ProviderError) {
        log.contents.withLock { contents in
            guard lsn > contents.first else { return }
            let count = Int(min(lsn - contents.first, UInt64(contents.entries.count)))
            for entry in contents.entries.removeFirst(count) { contents.byteCount -= entry.count }
            contents.first += UInt64(count)
        }
    }
}
