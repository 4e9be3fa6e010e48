public import CHoldfastProvider
internal import HoldfastProviderKit

private let plugin = PluginTable(
    name: "redis", version: "1.0.0", license: "Apache-2.0",
    providers: [
        ProviderDescription(
            type: "redis", optionsSchema: RedisOptions.jsonSchema, roles: [.store, .log],
            check: { request, _ throws(ProviderError) in _ = try RedisOptions(request.options, role: nil) },
            open: { request, host, call throws(ProviderError) in
                switch request.role {
                case .store: return try RedisStore(request, host: host, call: call)
                case .log: return try RedisLog(request, host: host, call: call)
                }
            })
    ])

/// Hands the tables of the Redis provider to the host.
@c(holdfast_plugin_v1) @implementation
public func holdfast_plugin_v1(_ host: UnsafePointer<hf_host>?) -> UnsafePointer<hf_plugin>? {
    unsafe plugin.table(for: host)
}
