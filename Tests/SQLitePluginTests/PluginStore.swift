import CHoldfastProvider
import HoldfastTestSupport

/// An open store or log of the plugin, called through its C tables.
final class PluginStore {
    let host: TestHost
    let info: hf_store_info
    private let provider: hf_provider
    private var handle: OpaquePointer?

    init(
        _ path: String, _ options: String = "", role: Int = HF_ROLE_STORE, indexes: String = "",
        host: TestHost = TestHost(), call: TestCall = TestCall()
    ) throws {
        self.host = host
        provider = try host.provider()
        let arena = TestArena()
        var request = hf_open()
        request.struct_size = UInt32(MemoryLayout<hf_open>.size)
        request.role = UInt32(role)
        request.instance = arena.bytes("test")
        request.options_json = arena.bytes("{\"path\": \"\(path)\"\(options.isEmpty ? "" : ", ")\(options)}")
        request.indexes_json = arena.bytes(indexes)
        var info = hf_store_info()
        info.struct_size = UInt32(MemoryLayout<hf_store_info>.size)
        let status = provider.open(host.host, &request, call.call, &handle, &info)
        self.info = info
        try call.check(status)
    }

    deinit { close() }

    func close() {
        if let handle { provider.close(handle) }
        handle = nil
    }

    var incarnation: String {
        withUnsafeBytes(of: info.incarnation) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    }

    func has(_ capability: UInt64) -> Bool { info.capabilities & capability != 0 }

    func table<Table>(_ id: String, _ type: Table.Type) throws -> Table {
        guard let pointer = provider.get_extension(handle, id) else { throw TestSupportError("no \(id)") }
        return pointer.load(as: type)
    }

    func ping(integrity: Bool = false, call: TestCall? = nil) throws {
        let call = call ?? TestCall(flags: integrity ? HF_CALL_INTEGRITY : 0)
        try call.check(provider.ping(handle, call.call))
    }

    @discardableResult
    func apply(
        _ changes: [TestChange], atomic: Bool = false, call: TestCall = TestCall()
    ) throws -> [TestOutcome] {
        let arena = TestArena()
        let lent = arena.array(changes.map { $0.lent(arena) })
        try call.check(
            table(HF_EXT_BATCH, hf_ext_batch.self).apply(
                handle, call.call, lent, changes.count, MemoryLayout<hf_change>.stride,
                atomic ? UInt32(HF_BATCH_ATOMIC) : 0))
        return (0..<changes.count).map {
            TestOutcome(status: Int(lent[$0].status), seen: lent[$0].seen.number)
        }
    }

    @discardableResult
    func put(_ record: TestRecord, if conditions: Int = 0, expected: UInt64 = 0) throws -> TestOutcome {
        try apply([.put(record, if: conditions, expected: expected)])[0]
    }

    func get(_ key: String = "k", ns: String = "n", call: TestCall = TestCall()) throws -> TestRecord? {
        let arena = TestArena()
        let taker = TestSink()
        var sink = taker.sink
        try call.check(provider.get(handle, call.call, arena.bytes(ns), arena.bytes(key), &sink))
        return taker.records.first
    }

    func list(
        _ key: String = "k", ns: String = "n", after: UInt64 = 0, before: UInt64 = 0, limit: UInt64 = .max,
        reversed: Bool = false, countMax: Int = .max
    ) throws -> [TestRecord] {
        let arena = TestArena()
        let call = TestCall()
        let taker = TestSink(countMax: countMax)
        var sink = taker.sink
        var range = hf_range(
            struct_size: UInt32(MemoryLayout<hf_range>.size), reverse: reversed ? 1 : 0,
            after: hf_version(after), before: hf_version(before), limit: limit)
        try call.check(provider.get_list(handle, call.call, arena.bytes(ns), arena.bytes(key), &range, &sink))
        return taker.records
    }

    /// Reads documents of many keys, and their whole lists, in one call.
    func readAll(_ keys: [String]) throws -> [[TestRecord]] {
        let arena = TestArena()
        let call = TestCall()
        let takers = keys.flatMap { _ in [TestSink(), TestSink()] }
        let addresses = arena.array(
            keys.flatMap { [TestRecord($0).lent(arena), TestRecord($0).lent(arena)] })
        let range = arena.array([
            hf_range(
                struct_size: UInt32(MemoryLayout<hf_range>.size), reverse: 0, after: hf_version(0),
                before: hf_version(0), limit: .max)
        ])
        let ranges = arena.array(keys.flatMap { _ in [nil, UnsafePointer<hf_range>?(range)] })
        let sinks = arena.array(takers.map(\.sink))
        try call.check(
            table(HF_EXT_BATCH, hf_ext_batch.self).read(
                handle, call.call, addresses, ranges, sinks, takers.count, MemoryLayout<hf_record>.stride))
        return takers.map(\.records)
    }

    func query(
        ns: String = "n", prefix: String = "", matches: [(String, String)] = [],
        _ flags: Int = HF_QUERY_DOCUMENTS | HF_QUERY_ITEMS, after: TestRecord? = nil, limit: UInt64 = .max,
        call: TestCall = TestCall()
    ) throws -> [TestRecord] {
        let arena = TestArena()
        var query = hf_query()
        query.struct_size = UInt32(MemoryLayout<hf_query>.size)
        query.flags = UInt32(flags)
        query.ns = arena.bytes(ns)
        query.key_prefix = arena.bytes(prefix)
        query.matches = UnsafePointer(
            arena.array(matches.map { hf_match(field: arena.bytes($0.0), json: arena.bytes($0.1)) }))
        query.match_count = matches.count
        query.limit = limit
        if let after {
            query.after_ns = arena.bytes(after.ns)
            query.after_key = arena.bytes(after.key)
            query.after_id = hf_version(after.id)
        }
        let taker = TestSink()
        var sink = taker.sink
        try call.check(provider.query(handle, call.call, &query, &sink))
        return taker.records
    }

    func flush() throws {
        let call = TestCall()
        try call.check(table(HF_EXT_FLUSH, hf_ext_flush.self).flush(handle, call.call))
    }

    // MARK: - Log

    func append(_ entries: [String], call: TestCall = TestCall()) throws -> UInt64 {
        let arena = TestArena()
        var first: UInt64 = 0
        let lent = arena.array(entries.map { arena.bytes($0) })
        try call.check(
            table(HF_EXT_LOG, hf_ext_log.self).append(handle, call.call, lent, entries.count, &first))
        return first
    }

    func entries(from lsn: UInt64 = 1, byteCountMax: UInt64 = .max) throws -> [String] {
        final class Taker { var entries: [String] = [] }
        let taker = Taker()
        let call = TestCall()
        let status = try table(HF_EXT_LOG, hf_ext_log.self).read(
            handle, call.call, lsn, byteCountMax,
            { @Sendable context, lsn, entry in
                guard let context else { return 1 }
                Unmanaged<Taker>.fromOpaque(context).takeUnretainedValue().entries.append(
                    "\(lsn):\(entry.text)")
                return 0
            }, Unmanaged.passUnretained(taker).toOpaque())
        try call.check(status)
        return taker.entries
    }

    func bounds() throws -> (first: UInt64, last: UInt64, size: UInt64) {
        var bounds: (first: UInt64, last: UInt64, size: UInt64) = (0, 0, 0)
        let call = TestCall()
        try call.check(
            table(HF_EXT_LOG, hf_ext_log.self).bounds(
                handle, call.call, &bounds.first, &bounds.last, &bounds.size))
        return bounds
    }

    func trim(before lsn: UInt64) throws {
        let call = TestCall()
        try call.check(table(HF_EXT_LOG, hf_ext_log.self).trim(handle, call.call, lsn))
    }

    func verify() throws -> [String] {
        final class Taker { var findings: [String] = [] }
        let taker = Taker()
        let call = TestCall()
        let status = try table(HF_EXT_LOG, hf_ext_log.self).verify(
            handle, call.call,
            { @Sendable context, finding in
                guard let context, let finding = finding?.pointee else { return 1 }
                Unmanaged<Taker>.fromOpaque(context).takeUnretainedValue().findings.append(
                    "\(finding.kind) \(finding.first_lsn)-\(finding.last_lsn)")
                return 0
            }, Unmanaged.passUnretained(taker).toOpaque())
        try call.check(status)
        return taker.findings
    }

    func salvage() throws -> UInt64 {
        var next: UInt64 = 0
        let call = TestCall()
        try call.check(table(HF_EXT_LOG, hf_ext_log.self).salvage(handle, call.call, &next))
        return next
    }
}
