import CHoldfastProvider
import HoldfastProviderKit

/// A store with the primitives only: every document is found, and pushed as often as the key says.
final class EchoStore: StoreDriver {
    let info: StoreInfo
    var isClosed = false

    init(_ info: StoreInfo = StoreInfo(capabilities: [.durable], incarnation: "echo")) { self.info = info }

    func get(_ address: BorrowedAddress, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
    {
        guard let count = Int(address.key.readable) else { return }
        for index in 0..<count {
            let version = Version(high: 0, low: UInt64(index))
            guard sink.push(OutgoingRecord(address, version: version, value: address.namespace)) else {
                return
            }
        }
    }

    func set(_ document: BorrowedRecord, call: CallContext) throws(ProviderError) -> MergeResult {
        throw ProviderError(
            .exhausted, document.value.readable, flags: [.retryable, .maybeApplied], vendorCode: 13,
            sqlState: "53100",
            retryAfterMilliseconds: 250)
    }

    func drop(
        _ address: BorrowedAddress, upTo version: Version, call: CallContext
    ) throws(ProviderError) -> MergeResult { version.isZero ? .unchanged : .applied }

    func append(_ item: BorrowedRecord, call: CallContext) throws(ProviderError) -> MergeResult {
        item.idBytes == item.versionBytes ? .unchanged : .applied
    }

    func list(
        _ address: BorrowedAddress, range: ListRange, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError) {
        let records = (0..<min(range.limit, 10)).map { index in
            OutgoingRecord(address, id: Version(high: index, low: 0), version: range.after)
        }
        _ = sink.push(contentsOf: records)
    }

    func query(_ query: ScanQuery, into sink: inout RecordSink, call: CallContext) throws(ProviderError) {
        for match in query.matches {
            let address = BorrowedAddress(namespace: query.namespace, key: match.field)
            guard sink.push(OutgoingRecord(address, version: .zero, value: match.json)) else { return }
        }
        if let after = query.after {
            _ = sink.push(OutgoingRecord(after.address, id: after.id, version: .zero))
        }
    }

    func close() { isClosed = true }
}

/// A store with everything, which notes what it was asked.
final class FullStore: BatchStore, FlushableStore, StatsStore, SelectStore, DomainStore {
    let info = StoreInfo(capabilities: [.atomicBatch, .conditions], incarnation: "full", storeCountMax: 3)
    var seen: [String] = []
    let preferredChangeCount: UInt32 = 77
    let operations = ["search", "count"]

    func get(_ address: BorrowedAddress, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
    {
        _ = sink.push(OutgoingRecord(address, version: .zero))
    }

    func list(
        _ address: BorrowedAddress, range: ListRange, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError) {
        _ = sink.push(OutgoingRecord(address, id: range.before, version: .zero))
    }

    func query(_ query: ScanQuery, into sink: inout RecordSink, call: CallContext) throws(ProviderError) {}

    /// Resolves each change by its key; one that is called `forget` is not told anything.
    func apply(_ changes: ChangeBuffer, call: CallContext) throws(ProviderError) {
        seen.append("\(changes.count) \(changes.isAtomic)")
        for change in changes {
            switch change.record.key.readable {
            case "forget": break
            case "conflict": change.resolve(.conflict(seen: change.expected))
            case "stale": change.resolve(.stale(seen: change.record.version))
            case "missing": change.resolve(.notFound)
            case "invalid": change.resolve(.invalid)
            case "old": change.resolve(.unchanged)
            default: change.resolve(.applied)
            }
        }
    }

    func flush(call: CallContext) throws(ProviderError) { seen.append("flush") }

    func reportStats(_ report: (_ name: String, _ value: Double) -> Void) throws(ProviderError) {
        report("size", 1.5)
    }

    func select(_ query: BorrowedBytes, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
    {
        throw ProviderError(.unsupported, "not \(query.readable)")
    }

    func invoke(
        _ operation: String, arguments: BorrowedBytes, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError) {
        seen.append("\(operation) \(arguments.readable)")
    }
}

/// A log that holds its entries in an array.
final class ArrayLog: LogDriver {
    let info = StoreInfo(capabilities: [.durable], incarnation: "log")
    private var entries: [[UInt8]] = []

    func append(_ entries: EntryBuffer, call: CallContext) throws(ProviderError) -> UInt64 {
        let first = UInt64(self.entries.count) + 1
        self.entries += entries.map(\.array)
        return first
    }

    func read(
        from lsn: UInt64, byteCountMax: UInt64, into sink: inout EntrySink, call: CallContext
    ) throws(ProviderError) {
        for (index, entry) in entries.enumerated() where UInt64(index) + 1 >= lsn {
            let isWanted = entry.withUnsafeBytes { sink.push(lsn: UInt64(index) + 1, BorrowedBytes($0)) }
            guard isWanted else { return }
        }
    }

    func bounds(call: CallContext) throws(ProviderError) -> LogBounds {
        LogBounds(first: 1, last: UInt64(entries.count), byteCount: 0)
    }

    func trim(before lsn: UInt64, call: CallContext) throws(ProviderError) {}
}
