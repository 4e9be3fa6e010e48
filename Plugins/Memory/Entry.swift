public import CHoldfastProvider
internal import HoldfastProviderKit

private let plugin = PluginTable(
    name: "memory", version: "1.0.0", license: "Apache-2.0",
    providers: [
        ProviderDescription(
            type: "memory", optionsSchema: MemoryOptions.schema, roles: [.store, .log],
            check: { request, _ throws(ProviderError) in _ = try MemoryOptions(request) },
            open: { request, host, _ throws(ProviderError) in
                let options = try MemoryOptions(request)
                switch request.role {
                case .store: return MemoryStore(MemorySpace.named(options.space, options), host)
                case .log: return MemoryLog(MemoryLogEntries.named(options.space), options)
                }
            })
    ])

/// Hands the tables of the memory provider to the host.
@c(holdfast_plugin_v1) @implementation
public func holdfast_plugin_v1(_ host: UnsafePointer<hf_host>?) -> UnsafePointer<hf_plugin>? {
    unsafe plugin.table(for: host)
}
