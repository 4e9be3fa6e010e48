public import CHoldfastProvider
private import FileLog
internal import HoldfastProviderKit

private let plugin = PluginTable(
    name: "file-log", version: "1.0.0", license: "Apache-2.0",
    providers: [
        ProviderDescription(
            type: "file-log", optionsSchema: FileLogOptions.jsonSchema, roles: [.log],
            check: { request, _ throws(ProviderError) in _ = try FileLogOptions(request.options) },
            open: { request, host, _ throws(ProviderError) in try FileLogStore(request, host: host) })
    ])

/// Hands the tables of the file log to the host.
@c(holdfast_plugin_v1) @implementation
public func holdfast_plugin_v1(_ host: UnsafePointer<hf_host>?) -> UnsafePointer<hf_plugin>? {
    unsafe plugin.table(for: host)
}
