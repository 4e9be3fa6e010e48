internal import FileLog
private import Glibc
internal import HoldfastProviderKit
internal import HoldfastSupport

/// The log role of the file log: translates calls, nothing else.
final class FileLogStore {
    private var log: FileLog

    /// Opens the log of a request.
    init(_ request: OpenRequest, host: HostServices) throws(ProviderError) {
        let instance = request.instance
        let environment = LogEnvironment(
            files: PosixFileSystem(), clock: SystemClock(), random: .system, processID: getpid(),
            report: { level, message in host.log(level, source: instance, message) })
        log = try FileLog.open(FileLogOptions(request.options), environment, hasThread: true)
    }
}

extension FileLogStore: SalvageableLog, FlushableStore {
    var info: StoreInfo {
        StoreInfo(
            capabilities: log.options.isDurable ? [.concurrent, .durable] : [.concurrent],
            incarnation: "\(log.identity)", storeCountMax: 1,
            valueByteCountMax: UInt64(LogFormat.entryByteCountMax))
    }

    func ping(integrity: Bool, call: CallContext) throws(ProviderError) {
        if let damage = log.damage { throw damage }
        guard integrity else { return }
        var damaged: LogFinding?
        try log.verify { finding in
            if finding.kind == .damaged { damaged = finding }
            return damaged == nil
        }
        guard let damaged else { return }
        throw ProviderError(.corrupt, "\(damaged.file) at offset \(damaged.offset): \(damaged.message)")
    }

    func close() { log.close() }

    func flush(call: CallContext) throws(ProviderError) { try log.flush() }

    func append(_ entries: EntryBuffer, call: CallContext) throws(ProviderError) -> UInt64 {
        try log.append(FileLog.Batch(count: entries.count) { entries[$0] })
    }

    func read(
        from lsn: UInt64, byteCountMax: UInt64, into sink: inout EntrySink, call: CallContext
    ) throws(ProviderError) {
        try log.read(from: lsn, byteCountMax: byteCountMax) { lsn, entry in
            sink.push(lsn: lsn, entry) && !call.isCancelled
        }
    }

    func bounds(call: CallContext) throws(ProviderError) -> LogBounds { log.bounds }

    func trim(before lsn: UInt64, call: CallContext) throws(ProviderError) { try log.trim(before: lsn) }

    func verify(into sink: inout FindingSink, call: CallContext) throws(ProviderError) {
        try log.verify { finding in sink.push(finding) }
    }

    func salvage(call: CallContext) throws(ProviderError) -> UInt64 {
        log = try log.salvage()
        return log.bounds.last + 1
    }
}
