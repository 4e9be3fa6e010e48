public import CHoldfastProvider
private import Synchronization

/// The tables of one plugin, made once and valid as long as the process.
///
/// A plugin's `Entry.swift` is this and nothing more:
///
/// ```swift
/// private let plugin = PluginTable(name: "memory", version: "1.0.0", license: "Apache-2.0", providers: […])
///
/// @c(holdfast_plugin_v1) @implementation
/// public func holdfast_plugin_v1(_ host: UnsafePointer<hf_host>?) -> UnsafePointer<hf_plugin>? {
///     unsafe plugin.table(for: host)
/// }
/// ```
@safe public final class PluginTable: @unchecked Sendable {
    // @unchecked: the memory is written by `init` only, and never freed.
    private let plugin: UnsafePointer<hf_plugin>
    private let name: String
    /// The table made before this one: tables live as long as the process, and leak checkers see that it is meant.
    private var previous: UInt = 0
    private static let newest = Atomic<UInt>(0)

    /// Makes the tables.
    ///
    /// - Parameters:
    ///   - name: of the plugin.
    ///   - version: of the plugin, such as `1.0.0`.
    ///   - license: an SPDX expression.
    ///   - providers: the backend types, at most ``providerCountMax`` in one library.
    public init(name: String, version: String, license: String, providers: [ProviderDescription]) {
        self.name = name
        let tables = UnsafeMutablePointer<UnsafePointer<hf_provider>?>.allocate(capacity: providers.count + 1)
        unsafe tables.initialize(repeating: nil, count: providers.count + 1)
        for (index, provider) in providers.enumerated() {
            unsafe tables[index] = UnsafePointer(makeProviderTable(provider))
        }
        let plugin = UnsafeMutablePointer<hf_plugin>.allocate(capacity: 1)
        unsafe plugin.initialize(
            to: hf_plugin(
                struct_size: UInt32(MemoryLayout<hf_plugin>.size), magic: HF_MAGIC,
                abi_major: UInt16(HF_ABI_MAJOR), abi_minor: UInt16(HF_ABI_MINOR),
                provider_count: UInt32(providers.count), name: permanentText(name),
                version: permanentText(version),
                license: permanentText(license), providers: UnsafePointer(tables), shutdown: nil))
        unsafe self.plugin = UnsafePointer(plugin)
        let kept = unsafe UInt(bitPattern: Unmanaged.passRetained(self).toOpaque())
        previous = Self.newest.exchange(kept, ordering: .acquiringAndReleasing)
    }

    /// How many backend types one library can have.
    public static let providerCountMax = ProviderSlots.count

    /// What the entry function returns: the tables, or nothing for a host of another major.
    public func table(for host: UnsafePointer<hf_host>?) -> UnsafePointer<hf_plugin>? {
        guard let host = unsafe host else { return nil }
        let major = unsafe knownFields(of: host, hf_host()).abi_major
        guard major == UInt16(HF_ABI_MAJOR) else {
            unsafe HostServices(host).log(
                .error, source: name,
                "plugin \(name) speaks ABI major \(HF_ABI_MAJOR), the host speaks \(major)")
            return nil
        }
        return unsafe plugin
    }
}

/// A C string that is never freed, for tables that live as long as the process.
func permanentText(_ text: String) -> UnsafePointer<CChar> {
    let bytes = Array(text.utf8CString)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
    unsafe copy.initialize(from: bytes, count: bytes.count)
    return unsafe UnsafePointer(copy)
}

/// Where the open functions find their provider: `open` has no context of its own, so each slot has a function.
@safe final class ProviderSlots: @unchecked Sendable {
    // @unchecked: a slot is written once, before the table that leads to it is handed out.
    static let shared = ProviderSlots()
    static let count = 8

    private let taken = Atomic<Int>(0)
    private let providers: UnsafeMutablePointer<ProviderDescription?>

    private init() {
        unsafe providers = .allocate(capacity: Self.count)
        unsafe providers.initialize(repeating: nil, count: Self.count)
    }

    /// Takes the next free slot.
    func take(_ provider: ProviderDescription) -> Int {
        let slot = taken.wrappingAdd(1, ordering: .relaxed).oldValue
        precondition(slot < Self.count, "a library has at most \(Self.count) backend types")
        unsafe providers[slot] = provider
        return slot
    }

    subscript(slot: Int) -> ProviderDescription? { unsafe providers[slot] }
}
