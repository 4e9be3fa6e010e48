internal import CHoldfastProvider
private import Glibc
public import HoldfastModel
internal import HoldfastSupport

/// Computes SHA-256; passed in, so that this layer links no cryptography.
public typealias PluginDigest = @Sendable (UnsafeRawBufferPointer) -> [UInt8]

/// A shared library that has been checked, loaded, and asked for its tables.
///
/// Never unloaded: the Swift runtime keeps pointers into every image it has seen.
public struct PluginLibrary: Sendable {
    /// The file behind all links.
    public let path: String
    /// What the plugin calls itself.
    public let name: String
    /// The plugin's own version.
    public let version: String
    /// SPDX.
    public let license: String
    /// The contract it was compiled against.
    public let abi: (major: UInt16, minor: UInt16)
    /// Its backend types.
    let providers: [ProviderTable]
    /// What the plugin was given.
    let host: HostServices
    /// Keeps calls that open or close apart, as the contract promises.
    let controlGate: ControlGate

    /// The types of storage.yaml that it serves.
    public var types: [String] { providers.map(\.type) }

    /// The JSON Schema of a type's options, or nothing for a type that it does not have.
    public func optionsSchema(of type: String) -> String? { providers.first { $0.type == type }?.schema }

    /// Loads a library, closed on failure.
    ///
    /// - Parameters:
    ///   - path: absolute.
    ///   - sha256: 64 hexadecimal digits that the file must have; what was hashed is then what is loaded.
    ///   - digest: computes SHA-256.
    ///   - host: what the plugin is given.
    /// - Throws: an error whose sentence names the path, the rule and the remedy.
    @safe public init(
        path: String, sha256: String? = nil, digest: PluginDigest? = nil, host: HostServices
    ) throws(HoldfastError) {
        guard path.hasPrefix("/") else {
            throw PluginFile.refusal(path, "is named by a relative path; an absolute one is loaded", .invalid)
        }
        let image = try LoadedImage.load(PluginFile(path: path), sha256: sha256, digest: digest)
        let plugin = try unsafe Self.enter(image, host: host)
        self.path = image.path
        self.host = host
        controlGate = image.controlGate
        abi = unsafe (plugin.abi_major, plugin.abi_minor)
        name = unsafe ForeignText.string(plugin.name, byteCountMax: 256) ?? ""
        version = unsafe ForeignText.string(plugin.version, byteCountMax: 256) ?? ""
        license = unsafe ForeignText.string(plugin.license, byteCountMax: 256) ?? ""
        guard !name.isEmpty, !version.isEmpty else {
            throw PluginFile.refusal(
                image.path, "states no name or version in its hf_plugin; fill both in", .unsupported)
        }
        providers = try unsafe Self.providers(of: plugin, path: image.path)
    }

    /// Loads the library that serves a type.
    ///
    /// - Throws: as ``init(path:sha256:digest:host:)``, and `invalid` when there is no such file.
    @safe public init(
        type: String, in search: PluginSearchPath, sha256: String? = nil, digest: PluginDigest? = nil,
        host: HostServices
    ) throws(HoldfastError) {
        try self.init(path: search.path(for: type), sha256: sha256, digest: digest, host: host)
        guard types.contains(type) else {
            let list = types.map { "\"\($0)\"" }.joined(separator: ", ")
            throw PluginFile.refusal(
                path, "is named for type \"\(type)\" but serves \(list); name the file libholdfast-<type>.so",
                .invalid)
        }
    }

    private static func enter(_ image: LoadedImage, host: HostServices) throws(HoldfastError) -> hf_plugin {
        let path = image.path
        guard let symbol = unsafe image.symbol(HF_ENTRY_SYMBOL) else {
            let later = (2...9).first { unsafe image.symbol("holdfast_plugin_v\($0)") != nil }
            let found = later.map { "only holdfast_plugin_v\($0)" } ?? "no \(HF_ENTRY_SYMBOL)"
            throw PluginFile.refusal(
                path,
                "exports \(found); this host supports major \(HF_ABI_MAJOR) of the contract: "
                    + "install a build of the plugin for it", .unsupported)
        }
        // The symbol's type is fixed by its name, rule R4 of the header.
        typealias Entry = @convention(c) (UnsafePointer<hf_host>?) -> UnsafePointer<hf_plugin>?
        let entry = unsafe unsafeBitCast(symbol, to: Entry.self)
        let (answer, reason) = unsafe host.watchingLog { unsafe entry(host.table) }
        guard let pointer = unsafe answer else {
            let why = reason.map { ": \($0)" } ?? " without saying why; see its log"
            throw PluginFile.refusal(
                path, "refuses this host (\(HF_ABI_MAJOR).\(HF_ABI_MINOR))\(why)", .unsupported)
        }
        let (plugin, byteCount) = unsafe ForeignTable.copy(pointer, into: hf_plugin())
        guard byteCount >= 8, unsafe plugin.magic == HF_MAGIC else {
            let magic = unsafe String(plugin.magic, radix: 16)
            throw PluginFile.refusal(
                path,
                "answers with magic 0x\(magic), expected 0x\(String(HF_MAGIC, radix: 16)); "
                    + "set hf_plugin.magic to HF_MAGIC", .unsupported)
        }
        guard unsafe plugin.abi_major == UInt16(HF_ABI_MAJOR) else {
            throw PluginFile.refusal(
                path,
                "speaks major \(unsafe plugin.abi_major) of the contract, this host speaks \(HF_ABI_MAJOR); "
                    + "install a build of the plugin for major \(HF_ABI_MAJOR)", .unsupported)
        }
        let needed = unsafe MemoryLayout<hf_plugin>.offset(of: \hf_plugin.providers).map { $0 + 8 } ?? 0
        guard byteCount >= needed else {
            throw PluginFile.refusal(
                path,
                "has an hf_plugin of \(byteCount) bytes, expected at least \(needed); "
                    + "set struct_size to sizeof(hf_plugin)", .unsupported)
        }
        return unsafe plugin
    }

    private static func providers(of plugin: hf_plugin, path: String) throws(HoldfastError) -> [ProviderTable]
    {
        let count = unsafe Int(plugin.provider_count)
        guard (1...64).contains(count), let pointers = unsafe plugin.providers else {
            throw PluginFile.refusal(
                path, "offers \(count) providers, expected 1 to 64; correct provider_count", .unsupported)
        }
        var providers: [ProviderTable] = []
        for position in 0..<count {
            guard let pointer = unsafe pointers[position] else {
                throw PluginFile.refusal(
                    path, "has NULL as provider \(position); correct hf_plugin.providers", .unsupported)
            }
            let table = try unsafe ProviderTable(pointer, plugin: path)
            guard !providers.contains(where: { $0.type == table.type }) else {
                throw PluginFile.refusal(
                    path, "has two providers of type \"\(table.type)\"; rename one", .unsupported)
            }
            providers.append(table)
        }
        return providers
    }
}
