import CHoldfastProvider
import HoldfastProviderKit

/// Calls a plugin through its C tables, as a host does, with structs of chosen sizes.
final class TestHost {
    let host: UnsafeMutablePointer<hf_host>
    let error: UnsafeMutablePointer<hf_error>
    let call: UnsafeMutablePointer<hf_call>
    private let message: UnsafeMutableBufferPointer<CChar>

    init(hostSize: Int = MemoryLayout<hf_host>.size, messageCapacity: Int = 256) {
        host = .allocate(capacity: 1)
        host.initialize(to: hf_host())
        host.pointee.struct_size = UInt32(hostSize)
        host.pointee.abi_major = UInt16(HF_ABI_MAJOR)
        host.pointee.unix_ms = { @Sendable _ in 1234 }
        message = .allocate(capacity: messageCapacity + 1)
        message.initialize(repeating: 0x55)
        error = .allocate(capacity: 1)
        error.initialize(to: hf_error())
        error.pointee.struct_size = UInt32(MemoryLayout<hf_error>.size)
        error.pointee.message_capacity = UInt32(messageCapacity)
        error.pointee.message = message.baseAddress
        call = .allocate(capacity: 1)
        call.initialize(to: hf_call())
        call.pointee.struct_size = UInt32(MemoryLayout<hf_call>.size)
        call.pointee.error = error
    }

    deinit {
        host.deallocate()
        error.deallocate()
        call.deallocate()
        message.deallocate()
    }

    /// The text of the last error.
    var text: String { message.baseAddress.map { String(cString: $0) } ?? "" }
    /// The bytes of the buffer, with one behind it.
    var rawText: [CChar] { Array(message) }

    /// The table of a provider made of one driver.
    static func provider(
        _ type: String = "test", roles: Set<Role> = [.store],
        check: @escaping ProviderDescription.Check = { _, _ in },
        open: @escaping ProviderDescription.Open
    ) -> hf_provider {
        let description = ProviderDescription(
            type: type, optionsSchema: "{}", roles: roles, check: check, open: open)
        let plugin = PluginTable(name: "tests", version: "1", license: "Apache-2.0", providers: [description])
        let test = TestHost()
        guard let table = plugin.table(for: test.host), let provider = table.pointee.providers[0] else {
            return hf_provider()
        }
        return provider.pointee
    }

    /// Opens a store.
    func open(
        _ provider: hf_provider, role: Int = HF_ROLE_STORE, options: String = "{}", info: hf_store_info? = nil
    ) -> (status: hf_status, store: OpaquePointer?, info: hf_store_info) {
        var info = info ?? hf_store_info()
        if info.struct_size == 0 { info.struct_size = UInt32(MemoryLayout<hf_store_info>.size) }
        var request = hf_open()
        request.struct_size = UInt32(MemoryLayout<hf_open>.size)
        request.role = UInt32(role)
        var store: OpaquePointer?
        var options = options
        let status = options.withUTF8 { options in
            request.options_json = hf_bytes(data: options.baseAddress, size: options.count)
            return provider.open(host, &request, call, &store, &info)
        }
        return (status, store, info)
    }
}

/// Takes records, and asks to stop after some calls.
final class Collector {
    struct Taken: Equatable {
        var namespace: String
        var key: String
        var id: UInt64
        var value: String
    }
    var records: [Taken] = []
    var callCount = 0
    let callCountMax: Int

    init(callCountMax: Int = .max) { self.callCountMax = callCountMax }

    func withSink<Result>(_ body: (UnsafePointer<hf_sink>) -> Result) -> Result {
        var sink = hf_sink()
        sink.struct_size = UInt32(MemoryLayout<hf_sink>.size)
        sink.context = Unmanaged.passUnretained(self).toOpaque()
        sink.records = { @Sendable context, records, count, stride in
            guard let context, let records else { return 1 }
            let collector = Unmanaged<Collector>.fromOpaque(context).takeUnretainedValue()
            collector.callCount += 1
            for index in 0..<count {
                let record = (UnsafeRawPointer(records) + index * stride).load(as: hf_record.self)
                collector.records.append(
                    Taken(
                        namespace: record.ns.text, key: record.key.text, id: UInt64(record.id.bytes.7),
                        value: record.value.text))
            }
            return collector.callCount >= collector.callCountMax ? 1 : 0
        }
        return body(&sink)
    }
}

extension hf_bytes {
    var text: String { String(decoding: UnsafeRawBufferPointer(start: data, count: size), as: UTF8.self) }
}

/// Lends text as the bytes of a call.
func lend<Result>(_ text: String, _ body: (hf_bytes) -> Result) -> Result {
    var text = text
    return text.withUTF8 { body(hf_bytes(data: $0.baseAddress, size: $0.count)) }
}
