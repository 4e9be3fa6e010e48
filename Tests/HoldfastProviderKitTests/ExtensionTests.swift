import CHoldfastProvider
import HoldfastProviderKit
import Testing

@Suite("Extension tables of a Swift driver")
struct ExtensionTests {
    // A table of C functions, written once.
    nonisolated(unsafe) private static let provider = TestHost.provider("full", roles: [.store, .log]) {
        request, _, _ in
        switch request.role {
        case .log: return ArrayLog()
        case .store: return FullStore()
        }
    }

    private func table<Table>(_ id: String, _ store: OpaquePointer?, as type: Table.Type) throws -> Table {
        let pointer = try #require(Self.provider.get_extension(store, id))
        return pointer.load(as: Table.self)
    }

    @Test(
        "a batch honours the stride, and a change that the driver forgets is an internal error, not a success"
    )
    func batch() throws {
        let host = TestHost()
        let store = host.open(Self.provider).store
        defer { Self.provider.close(store) }
        let table = try table(HF_EXT_BATCH, store, as: hf_ext_batch.self)
        #expect(table.preferred_changes == 77)
        let keys = ["new", "old", "forget", "conflict", "stale", "missing", "invalid"]
        let expected = [
            HF_OK, HF_UNCHANGED, HF_E_INTERNAL, HF_E_CONFLICT, HF_E_STALE, HF_NOT_FOUND, HF_E_INVALID,
        ]
        let stride = MemoryLayout<hf_change>.stride + 24
        let memory = UnsafeMutableRawPointer.allocate(byteCount: stride * keys.count, alignment: 16)
        memory.initializeMemory(as: UInt8.self, repeating: 0xEE, count: stride * keys.count)
        let texts = keys.map { Array($0.utf8) }
        defer { withExtendedLifetime(texts) { memory.deallocate() } }
        for index in keys.indices {
            var change = hf_change()
            change.kind = UInt32(HF_CHANGE_PUT)
            change.record.version.bytes.15 = 9
            change.expected.bytes.15 = 8
            texts[index].withUnsafeBytes {
                change.record.key = hf_bytes(data: $0.baseAddress, size: $0.count)
            }
            (memory + index * stride).storeBytes(of: change, as: hf_change.self)
        }
        let first = memory.assumingMemoryBound(to: hf_change.self)
        #expect(
            table.apply(store, host.call, first, keys.count, stride, UInt32(HF_BATCH_ATOMIC))
                == hf_status(HF_OK))
        for index in keys.indices {
            let change = (memory + index * stride).load(as: hf_change.self)
            #expect(change.status == hf_status(expected[index]), "\(keys[index])")
            #expect(change.seen.bytes.15 == (keys[index] == "conflict" ? 8 : keys[index] == "stale" ? 9 : 0))
            #expect((memory + index * stride + MemoryLayout<hf_change>.stride).load(as: UInt8.self) == 0xEE)
        }
    }

    @Test("the primitives of a store with batches are batches of one")
    func primitives() {
        let host = TestHost()
        let store = host.open(Self.provider).store
        defer { Self.provider.close(store) }
        func set(_ key: String) -> hf_status {
            lend(key) { key in
                var record = hf_record()
                record.key = key
                return Self.provider.set(store, host.call, &record)
            }
        }
        #expect(set("new") == hf_status(HF_OK))
        #expect(set("old") == hf_status(HF_UNCHANGED))
        #expect(set("invalid") == hf_status(HF_E_INVALID))
        #expect(set("forget") == hf_status(HF_E_INTERNAL))
        #expect(
            lend("old") { Self.provider.drop(store, host.call, $0, $0, hf_version()) }
                == hf_status(HF_UNCHANGED))
    }

    @Test("many reads are answered each through its own sink")
    func read() throws {
        let host = TestHost()
        let store = host.open(Self.provider).store
        defer { Self.provider.close(store) }
        let table = try table(HF_EXT_BATCH, store, as: hf_ext_batch.self)
        var range = hf_range()
        range.struct_size = UInt32(MemoryLayout<hf_range>.size)
        range.before.bytes.7 = 4
        let document = Collector()
        let list = Collector()
        let status = lend("key") { key in
            var addresses = [hf_record(), hf_record()]
            addresses[0].key = key
            addresses[1].key = key
            return withUnsafePointer(to: &range) { range in
                document.withSink { first in
                    list.withSink { second in
                        var sinks = [first.pointee, second.pointee]
                        var ranges: [UnsafePointer<hf_range>?] = [nil, range]
                        return table.read(
                            store, host.call, &addresses, &ranges, &sinks, 2, MemoryLayout<hf_record>.stride)
                    }
                }
            }
        }
        #expect(status == hf_status(HF_OK))
        #expect(document.records.map(\.id) == [0])
        #expect(list.records.map(\.id) == [4])
    }

    @Test("flush, stats, select and operations reach the driver")
    func others() throws {
        let host = TestHost()
        let store = host.open(Self.provider).store
        defer { Self.provider.close(store) }
        let flush = try table(HF_EXT_FLUSH, store, as: hf_ext_flush.self)
        #expect(flush.flush(store, host.call) == hf_status(HF_OK))

        let stats = try table(HF_EXT_STATS, store, as: hf_ext_stats.self)
        var total = 0.0
        let status = stats.snapshot(
            store,
            { @Sendable context, name, value in context!.assumingMemoryBound(to: Double.self).pointee += value
            },
            &total)
        #expect(status == hf_status(HF_OK) && total == 1.5)

        let select = try table(HF_EXT_SELECT, store, as: hf_ext_select.self)
        #expect(lend("this") { select.select(store, host.call, $0, nil) } == hf_status(HF_E_UNSUPPORTED))

        let domain = try table(HF_EXT_DOMAIN, store, as: hf_ext_domain.self)
        #expect(String(cString: try #require(domain.operations[1])) == "count")
        #expect(domain.operations[2] == nil)
        #expect(lend("{}") { domain.invoke(store, host.call, "search", $0, nil) } == hf_status(HF_OK))
    }

    @Test("a log appends, reads and says its bounds; what was opened as one is not a store")
    func log() throws {
        let host = TestHost()
        let store = host.open(Self.provider, role: HF_ROLE_LOG).store
        defer { Self.provider.close(store) }
        #expect(Self.provider.get_extension(store, HF_EXT_BATCH) == nil)
        let log = try table(HF_EXT_LOG, store, as: hf_ext_log.self)
        #expect(log.verify == nil && log.salvage == nil)
        var first: UInt64 = 0
        lend("entry") { entry in
            var entries = [entry, entry]
            #expect(log.append(store, host.call, &entries, 2, &first) == hf_status(HF_OK))
        }
        #expect(first == 1)
        var seen: [UInt64] = []
        let take: @convention(c) @Sendable (UnsafeMutableRawPointer?, UInt64, hf_bytes) -> Int32 = {
            context, lsn, entry in
            context!.assumingMemoryBound(to: [UInt64].self).pointee.append(lsn)
            return entry.text == "entry" ? 1 : 0
        }
        // The address of the variable, which is not what passing an array with `&` gives.
        let status = withUnsafeMutablePointer(to: &seen) { log.read(store, host.call, 1, 100, take, $0) }
        #expect(status == hf_status(HF_STOPPED))
        #expect(seen == [1])
        var last: UInt64 = 0
        #expect(log.bounds(store, host.call, nil, &last, nil) == hf_status(HF_OK))
        #expect(last == 2)
        #expect(Self.provider.set(store, host.call, nil) == hf_status(HF_E_UNSUPPORTED))
        #expect(host.text == "this store was not opened as a store")
    }
}
