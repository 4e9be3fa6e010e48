internal import CHoldfastProvider
internal import HoldfastModel

extension StoreHandle {
    /// Whether the plugin itself has the log role.
    var hasLog: Bool { extensions.log != nil }

    /// Appends entries.
    ///
    /// - Returns: the LSN of the first.
    func appendLog(_ entries: [Bytes], _ frame: CallFrame, _ context: CallContext) throws(HoldfastError)
        -> UInt64
    {
        var foreign = unsafe entries.map { unsafe hf_bytes($0) }
        var first: UInt64 = 0
        _ = try unsafe invoke("append", frame, context, isWrite: true) { store, call, _ in
            unsafe extensions.log?.append?(store, call, &foreign, entries.count, &first)
        }
        withExtendedLifetime(entries) {}
        guard first > 0, first <= UInt64.max - UInt64(entries.count) else {
            throw broken("append", .internal, "LSN \(first)", flags: [.maybeApplied, .providerDead])
        }
        return first
    }

    /// Reads entries from the first one held at or above an LSN, dense from there on.
    ///
    /// Where an entry cannot be read the page ends; whoever asks for that entry gets the one after it.
    func readLog(
        from lsn: UInt64, byteCountMax: Int, _ frame: CallFrame, _ context: CallContext
    ) throws(HoldfastError) -> [LogRecord] {
        let collector = EntryCollector(from: lsn, byteCountMax: byteCountMax)
        let size = UInt64(max(byteCountMax, 1))
        _ = try unsafe invoke("read", frame, context, collectors: [collector]) { store, call, _ in
            let status = unsafe extensions.log?.read?(
                store, call, lsn, size,
                { @Sendable context, lsn, entry in
                    unsafe AnswerSlots.collector(of: context)?.take(entry: entry, lsn: lsn) ?? 1
                }, frame.answers.context(0))
            return collector.isFull && status == hf_status(HF_STOPPED) ? hf_status(HF_OK) : status
        }
        return collector.records
    }

    /// What the log holds.
    func logBounds(_ frame: CallFrame, _ context: CallContext) throws(HoldfastError) -> LogBounds {
        var (first, last, size): (UInt64, UInt64, UInt64) = (0, 0, 0)
        _ = try unsafe invoke("bounds", frame, context) { store, call, _ in
            unsafe extensions.log?.bounds?(store, call, &first, &last, &size)
        }
        // A plugin may say 0 for the first entry of a log that holds none.
        if first == 0 { first = last == .max ? last : last + 1 }
        guard first >= 1, first <= last || first - last == 1 else {
            throw broken("bounds", .corrupt, "entries \(first) to \(last)")
        }
        return LogBounds(first: first, last: last, byteCount: size)
    }

    /// Lets go of every entry before an LSN.
    func trimLog(before lsn: UInt64, _ frame: CallFrame, _ context: CallContext) throws(HoldfastError) {
        _ = try unsafe invoke("trim", frame, context) { store, call, _ in
            unsafe extensions.log?.trim?(store, call, lsn)
        }
    }

    /// Reads everything and reports what it finds; a log without the function cannot be damaged.
    func verifyLog(_ frame: CallFrame, _ context: CallContext) throws(HoldfastError) -> [LogFinding] {
        guard let log = extensions.log, unsafe log.verify != nil else { return [] }
        let collector = FindingCollector()
        _ = try unsafe invoke("verify", frame, context, collectors: [collector]) { store, call, _ in
            unsafe log.verify?(
                store, call,
                { @Sendable context, finding in
                    unsafe AnswerSlots.collector(of: context)?.take(finding: finding) ?? 1
                }, frame.answers.context(0))
        }
        return collector.findings
    }

    /// Sets damaged files aside and makes the log writable again.
    func salvageLog(_ frame: CallFrame, _ context: CallContext) throws(HoldfastError) -> UInt64 {
        guard let log = extensions.log, unsafe log.salvage != nil else {
            throw HoldfastError(
                .unsupported, "\(label): this log cannot be salvaged, because it cannot be damaged by itself")
        }
        var next: UInt64 = 0
        _ = try unsafe invoke("salvage", frame, context, isWrite: true) { store, call, _ in
            unsafe log.salvage?(store, call, &next)
        }
        guard next > 0 else { throw broken("salvage", .internal, "LSN 0 as the next", flags: .providerDead) }
        return next
    }
}

/// Takes the entries that a log reads.
final class EntryCollector: AnswerCollector {
    private(set) var records: [LogRecord] = []
    /// Whether enough bytes have come.
    private(set) var isFull = false
    private var expected: UInt64
    private var remaining: Int

    /// Expects entries from an LSN on.
    init(from lsn: UInt64, byteCountMax: Int) {
        expected = lsn
        remaining = max(byteCountMax, 1)
    }

    override func take(entry: hf_bytes, lsn: UInt64) -> Int32 {
        guard violation == nil, !isFull else { return 1 }
        guard lsn >= expected, lsn < .max else {
            return stop(.corrupt, "entry \(lsn) where entry \(expected) follows")
        }
        if lsn > expected, !records.isEmpty {
            isFull = true
            return 1
        }
        guard unsafe entry.data != nil || entry.size == 0 else {
            return stop(.internal, "an entry of \(unsafe entry.size) bytes at NULL")
        }
        guard unsafe entry.size < 1 << 31 else {
            return stop(.internal, "an entry of \(unsafe entry.size) bytes")
        }
        let payload = unsafe Bytes(copying: UnsafeRawBufferPointer(start: entry.data, count: entry.size))
        records.append(LogRecord(lsn: lsn, payload: payload))
        expected = lsn + 1
        remaining -= payload.count
        isFull = remaining <= 0
        return isFull ? 1 : 0
    }
}

/// Takes what a log's check finds.
final class FindingCollector: AnswerCollector {
    private(set) var findings: [LogFinding] = []

    override func take(finding: UnsafePointer<hf_log_finding>?) -> Int32 {
        guard violation == nil else { return 1 }
        guard let finding = unsafe finding else { return stop(.internal, "a finding at NULL") }
        let (raw, byteCount) = unsafe ForeignTable.copy(finding, into: hf_log_finding())
        guard byteCount >= 8, let kind = unsafe LogFinding.Kind(rawValue: raw.kind) else {
            return stop(.internal, "a finding of an unknown kind")
        }
        guard findings.count < 1 << 20 else { return stop(.internal, "more than a million findings") }
        findings.append(
            unsafe LogFinding(
                kind: kind, firstLSN: raw.first_lsn, lastLSN: raw.last_lsn, offset: raw.offset,
                byteCount: raw.size,
                file: ForeignText.line(raw.file, byteCountMax: 4096),
                message: ForeignText.line(raw.message, byteCountMax: 4096)))
        return 0
    }
}
