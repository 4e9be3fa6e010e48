import CHoldfastProvider
import HoldfastProviderKit
import Testing

@Suite("The C table of a Swift driver")
struct PrimitiveTests {
    // A table of C functions, written once.
    nonisolated(unsafe) private static let provider = TestHost.provider { _, _, _ in EchoStore() }

    @Test("records reach the sink, nothing found is NOT_FOUND, and a sink that has enough stops the driver")
    func reading() throws {
        let host = TestHost()
        let store = host.open(Self.provider).store
        defer { Self.provider.close(store) }
        func get(_ key: String, _ collector: Collector) -> hf_status {
            lend("space") { space in
                lend(key) { key in
                    collector.withSink { Self.provider.get(store, host.call, space, key, $0) }
                }
            }
        }
        let one = Collector()
        #expect(get("1", one) == hf_status(HF_OK))
        #expect(one.records == [.init(namespace: "space", key: "1", id: 0, value: "space")])
        #expect(get("0", Collector()) == hf_status(HF_NOT_FOUND))
        let stopping = Collector(callCountMax: 2)
        #expect(get("5", stopping) == hf_status(HF_STOPPED))
        #expect(stopping.records.count == 2)
    }

    @Test(
        "a page crosses in one call of the sink, and without a limit, or from an older host without that field, it is whole"
    )
    func pages() {
        let host = TestHost()
        let store = host.open(Self.provider).store
        defer { Self.provider.close(store) }
        var range = hf_range()
        range.struct_size = UInt32(MemoryLayout<hf_range>.size)
        range.limit = 3
        let page = Collector()
        let space = hf_bytes()
        #expect(
            page.withSink { Self.provider.get_list(store, host.call, space, space, &range, $0) }
                == hf_status(HF_OK))
        #expect(page.records.map(\.id) == [0, 1, 2])
        #expect(page.callCount == 1)
        range.struct_size = 40
        let older = Collector()
        #expect(
            older.withSink { Self.provider.get_list(store, host.call, space, space, &range, $0) }
                == hf_status(HF_OK))
        #expect(older.records.count == 10)
    }

    @Test("a query of an older host ends where its struct ends")
    func queries() {
        let host = TestHost()
        let store = host.open(Self.provider).store
        defer { Self.provider.close(store) }
        lend("n") { text in
            var match = hf_match(field: text, json: text)
            withUnsafePointer(to: &match) { match in
                var query = hf_query()
                query.struct_size = UInt32(MemoryLayout<hf_query>.size)
                query.ns = text
                query.matches = match
                query.match_count = 1
                query.after_key = text
                query.after_ns = text
                let whole = Collector()
                #expect(
                    whole.withSink { Self.provider.query(store, host.call, &query, $0) } == hf_status(HF_OK))
                #expect(whole.records.count == 2)
                query.struct_size = 40
                let older = Collector()
                #expect(
                    older.withSink { Self.provider.query(store, host.call, &query, $0) } == hf_status(HF_OK))
                #expect(older.records.isEmpty)
            }
        }
    }

    @Test("a write answers OK, UNCHANGED, or the driver's error with its text and flags")
    func writing() {
        let host = TestHost()
        let store = host.open(Self.provider).store
        defer { Self.provider.close(store) }
        var version = hf_version()
        #expect(
            Self.provider.drop(store, host.call, hf_bytes(), hf_bytes(), version) == hf_status(HF_UNCHANGED))
        version.bytes.0 = 1
        #expect(Self.provider.drop(store, host.call, hf_bytes(), hf_bytes(), version) == hf_status(HF_OK))
        var record = hf_record()
        record.id = version
        #expect(Self.provider.append(store, host.call, &record) == hf_status(HF_OK))
        record.version = version
        #expect(Self.provider.append(store, host.call, &record) == hf_status(HF_UNCHANGED))
        lend("no room") { text in
            record.value = text
            #expect(Self.provider.set(store, host.call, &record) == hf_status(HF_E_EXHAUSTED))
        }
        #expect(host.text == "no room")
        #expect(host.error.pointee.flags == UInt32(HF_ERROR_RETRYABLE | HF_ERROR_MAYBE_APPLIED))
        #expect(host.error.pointee.vendor_code == 13)
    }

    @Test("null pointers from a host are errors, not crashes")
    func nulls() {
        let host = TestHost()
        let store = host.open(Self.provider).store
        defer { Self.provider.close(store) }
        #expect(Self.provider.set(store, host.call, nil) == hf_status(HF_E_UNSUPPORTED))
        #expect(Self.provider.query(store, host.call, nil, nil) == hf_status(HF_E_UNSUPPORTED))
        #expect(Self.provider.get(nil, host.call, hf_bytes(), hf_bytes(), nil) == hf_status(HF_E_UNSUPPORTED))
        #expect(Self.provider.get(store, host.call, hf_bytes(), hf_bytes(), nil) == hf_status(HF_NOT_FOUND))
        #expect(Self.provider.ping(store, nil) == hf_status(HF_OK))
        Self.provider.close(nil)
    }

    @Test("a driver with the primitives alone has no extension, and an unknown id is NULL")
    func extensions() {
        let host = TestHost()
        let store = host.open(Self.provider).store
        defer { Self.provider.close(store) }
        for id in [
            HF_EXT_BATCH, HF_EXT_LOG, HF_EXT_FLUSH, HF_EXT_STATS, HF_EXT_SELECT, HF_EXT_DOMAIN,
            "",
            "holdfast.batch/2",
        ] {
            #expect(Self.provider.get_extension(store, id) == nil)
        }
    }
}
