import CHoldfastProvider
import HoldfastProviderKit
import Testing

@Suite("Opening")
struct OpeningTests {
    // A table of C functions, written once.
    nonisolated(unsafe) private static let provider = TestHost.provider(
        "opening", roles: [.store],
        check: { request, _ throws(ProviderError) in
            try request.options.rejectUnknown(except: ["incarnation"])
        },
        open: { request, host, _ throws(ProviderError) in
            guard host.unixMilliseconds == 1234 else { throw ProviderError(.internal, "no clock") }
            let incarnation = try request.options.string("incarnation") ?? "life"
            return EchoStore(
                StoreInfo(
                    capabilities: incarnation == "claims" ? [.conditions] : [.durable],
                    incarnation: incarnation,
                    storeCountMax: 9, valueByteCountMax: 8, batchChangeCountMax: 7, batchByteCountMax: 6))
        })

    @Test("what the store can do is told, as far as the host has room for it")
    func info() {
        let host = TestHost()
        let (status, store, info) = host.open(Self.provider)
        #expect(status == hf_status(HF_OK))
        #expect(info.capabilities == HF_CAP_DURABLE)
        #expect(info.max_stores == 9 && info.max_value_size == 8 && info.max_batch_changes == 7)
        #expect(withUnsafeBytes(of: info.incarnation) { $0.prefix(5).elementsEqual("life\0".utf8) })
        Self.provider.close(store)

        var short = hf_store_info()
        short.struct_size = 16
        let older = host.open(Self.provider, info: short)
        #expect(older.info.capabilities == HF_CAP_DURABLE)
        #expect(older.info.max_value_size == 0)
        #expect(older.info.struct_size == 16)
        Self.provider.close(older.store)
    }

    @Test("a check of options opens nothing, and refuses what open would refuse")
    func check() {
        let host = TestHost()
        #expect(host.open(Self.provider, role: HF_ROLE_CHECK).status == hf_status(HF_OK))
        #expect(host.open(Self.provider, role: HF_ROLE_CHECK).store == nil)
        let refused = host.open(Self.provider, role: HF_ROLE_CHECK, options: #"{"colour": 1}"#)
        #expect(refused.status == hf_status(HF_E_INVALID))
        #expect(host.text == #"unknown option "colour", expected one of incarnation"#)
        #expect(host.open(Self.provider, role: HF_ROLE_CHECK, options: "{").status == hf_status(HF_E_INVALID))
    }

    @Test("a role that the provider does not have is refused by name")
    func roles() {
        let host = TestHost()
        #expect(host.open(Self.provider, role: HF_ROLE_LOG).status == hf_status(HF_E_UNSUPPORTED))
        #expect(host.text == #"type "opening" cannot be a log"#)
        #expect(host.open(Self.provider, role: 9).status == hf_status(HF_E_UNSUPPORTED))
    }

    @Test("a claim without what it needs, or an incarnation that does not fit, is refused")
    func claims() {
        let host = TestHost()
        #expect(
            host.open(Self.provider, options: #"{"incarnation": "claims"}"#).status
                == hf_status(HF_E_INTERNAL))
        #expect(host.text.contains("no BatchStore"))
        let long = String(repeating: "x", count: 64)
        #expect(
            host.open(Self.provider, options: "{\"incarnation\": \"\(long)\"}").status
                == hf_status(HF_E_INTERNAL))
        let opened = host.open(Self.provider, options: "{\"incarnation\": \"\(long.dropLast())\"}")
        #expect(opened.status == hf_status(HF_OK))
        Self.provider.close(opened.store)
    }

    @Test("an older host without a clock is served by the system's, one of another major gets nothing")
    func hosts() {
        let older = TestHost(hostSize: 48)
        #expect(older.open(Self.provider).status == hf_status(HF_E_INTERNAL))
        #expect(older.text == "no clock")
        let plugin = PluginTable(name: "tests", version: "1", license: "Apache-2.0", providers: [])
        let other = TestHost()
        other.host.pointee.abi_major = 2
        #expect(plugin.table(for: other.host) == nil)
        #expect(plugin.table(for: nil) == nil)
        other.host.pointee.abi_major = 1
        #expect(plugin.table(for: other.host) == plugin.table(for: other.host))
    }

    @Test("close reaches the driver and lets it go")
    func closing() {
        weak var driver: EchoStore?
        let made = Box()
        let provider = TestHost.provider("closing") { _, _, _ in
            let store = EchoStore()
            made.store = store
            return store
        }
        let host = TestHost()
        let store = host.open(provider).store
        driver = made.store
        provider.close(store)
        #expect(driver?.isClosed == true)
        made.store = nil
        #expect(driver == nil)
    }

    /// Carries the driver out of the closure that makes it.
    private final class Box: @unchecked Sendable {
        // @unchecked: one thread uses it.
        var store: EchoStore?
    }
}
