public import CHoldfastProvider
internal import HoldfastProviderKit

private let plugin = PluginTable(
    name: "postgresql", version: "1.0.0", license: "Apache-2.0",
    providers: [
        ProviderDescription(
            type: "postgresql", optionsSchema: PostgresOptions.jsonSchema, roles: [.store, .log],
            check: { request, _ throws(ProviderError) in _ = try PostgresOptions(request.options, role: nil)
            },
            open: { request, host, call throws(ProviderError) in
                switch request.role {
                case .store: return try PostgresStore(request, host: host, call: call)
                case .log: return try PostgresLog(request, host: host, call: call)
                }
            })
    ])

/// Hands the tables of the PostgreSQL provider to the host.
@c(holdfast_plugin_v1) @implementation
public func holdfast_plugin_v1(_ host: UnsafePointer<hf_host>?) -> UnsafePointer<hf_plugin>? {
    unsafe plugin.table(for: host)
}
