internal import HoldfastProviderKit
internal import HoldfastSupport

/// One open handle on a space, in the store role.
final class MemoryStore: BatchStore, StatsStore, Sendable {
    private let space: MemorySpace
    private let host: HostServices

    init(_ space: MemorySpace, _ host: HostServices) {
        self.space = space
        self.host = host
    }

    var info: StoreInfo {
        StoreInfo(
            capabilities: [.concurrent, .multiOpen, .nonblocking, .atomicBatch, .conditions, .rawScan],
            incarnation: space.incarnation)
    }

    func get(_ address: BorrowedAddress, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
    {
        let milliseconds = host.unixMilliseconds
        let document = space.contents.withLock { $0.find(address)?.document }
        guard let document, document.isVisible(at: milliseconds) else { return }
        // What is lent must outlive the push, which the last use of the name would not see to.
        withExtendedLifetime(document) { _ = sink.push(OutgoingRecord(address, document)) }
    }

    func list(
        _ address: BorrowedAddress, range: ListRange, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError) {
        let items = space.items(of: address, in: range, at: host.unixMilliseconds)
        withExtendedLifetime(items) { _ = sink.push(contentsOf: items.map { OutgoingRecord(address, $0) }) }
    }

    func query(
        _ query: ScanQuery, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError) {
        var walk = MemoryScan(query, at: host.unixMilliseconds)
        while let page = walk.nextPage(of: space) {
            try call.check(host)
            for found in page {
                let record = found.record
                let isRaw = query.scope.contains(.raw)
                guard isRaw || found.matches(query.matches, host) else { continue }
                guard walk.takes(found) else { return }
                let value = query.scope.contains(.keysOnly) ? OwnedBytes.empty : record.value
                let outgoing = OutgoingRecord(
                    found.address, id: record.id, version: record.version, value: value.borrowed,
                    expiresAt: record.expiresAt, flags: record.flags)
                guard withExtendedLifetime((found, value), { sink.push(outgoing) }) else { return }
            }
        }
    }

    func apply(_ changes: ChangeBuffer, call: CallContext) throws(ProviderError) {
        try space.apply(changes, at: host.unixMilliseconds)
    }

    func reportStats(_ report: (_ name: String, _ value: Double) -> Void) throws(ProviderError) {
        let (byteCount, keyCount) = space.contents.withLock { contents in
            (contents.byteCount, contents.namespaces.values.reduce(0) { $0 + $1.count })
        }
        report("memory_bytes", Double(byteCount))
        report("memory_keys", Double(keyCount))
    }
}

extension OutgoingRecord {
    /// A stored record on its way out; its value is lent, so the record must outlive the push.
    init(_ address: BorrowedAddress, _ record: StoredRecord) {
        self.init(
            address, id: record.id, version: record.version, value: record.value.borrowed,
            expiresAt: record.expiresAt, flags: record.flags)
    }
}
