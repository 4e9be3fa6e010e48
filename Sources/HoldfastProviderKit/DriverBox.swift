internal import CHoldfastProvider

/// What an `hf_store` points to: a driver, and the tables of what it can do besides the primitives.
@safe final class DriverBox {
    let driver: any Driver
    let store: (any StoreDriver)?
    let batch: (any BatchStore)?
    let flushable: (any FlushableStore)?
    let log: (any LogDriver)?
    let salvageable: (any SalvageableLog)?
    let stats: (any StatsStore)?
    let select: (any SelectStore)?
    let domain: (any DomainStore)?
    /// Tables that hold something of this driver; the others are the same for all.
    private let batchTable: UnsafeMutablePointer<hf_ext_batch>
    private let domainTable: UnsafeMutablePointer<hf_ext_domain>

    /// Casts once what every call needs.
    init(_ driver: any Driver, role: Role) {
        self.driver = driver
        let store = role == .store ? driver as? any StoreDriver : nil
        let log = role == .log ? driver as? any LogDriver : nil
        self.store = store
        batch = store as? any BatchStore
        flushable = driver as? any FlushableStore
        self.log = log
        salvageable = log as? any SalvageableLog
        stats = driver as? any StatsStore
        select = store as? any SelectStore
        domain = store as? any DomainStore
        unsafe batchTable = .allocate(capacity: 1)
        unsafe batchTable.initialize(
            to: makeBatchTable(preferredChangeCount: batch?.preferredChangeCount ?? 0))
        let names = domain?.operations ?? []
        let list = UnsafeMutablePointer<UnsafePointer<CChar>?>.allocate(capacity: names.count + 1)
        unsafe list.initialize(repeating: nil, count: names.count + 1)
        for (index, name) in names.enumerated() { unsafe list[index] = permanentText(name) }
        unsafe domainTable = .allocate(capacity: 1)
        unsafe domainTable.initialize(to: makeDomainTable(operations: UnsafePointer(list)))
    }

    deinit {
        if let names = unsafe domainTable.pointee.operations {
            var index = 0
            while let name = unsafe names[index] {
                unsafe name.deallocate()
                index += 1
            }
            unsafe names.deallocate()
        }
        unsafe domainTable.deallocate()
        unsafe batchTable.deallocate()
    }

    /// The table of an extension, or nothing for one that is unknown or that this driver lacks.
    func table(of id: String) -> UnsafeRawPointer? {
        switch id {
        case HF_EXT_BATCH: batch == nil ? nil : unsafe UnsafeRawPointer(batchTable)
        case HF_EXT_DOMAIN: domain == nil ? nil : unsafe UnsafeRawPointer(domainTable)
        case HF_EXT_FLUSH: flushable == nil ? nil : unsafe ExtensionTables.shared.flush
        case HF_EXT_LOG where salvageable != nil: unsafe ExtensionTables.shared.salvageableLog
        case HF_EXT_LOG: log == nil ? nil : unsafe ExtensionTables.shared.log
        case HF_EXT_STATS: stats == nil ? nil : unsafe ExtensionTables.shared.stats
        case HF_EXT_SELECT: select == nil ? nil : unsafe ExtensionTables.shared.select
        default: nil
        }
    }

    /// Gives the box away as an `hf_store`, which `release` takes back.
    func retained() -> OpaquePointer { unsafe OpaquePointer(Unmanaged.passRetained(self).toOpaque()) }

    /// Takes back what `retained` gave away.
    static func release(_ store: OpaquePointer) -> DriverBox {
        unsafe Unmanaged<DriverBox>.fromOpaque(UnsafeRawPointer(store)).takeRetainedValue()
    }

    /// The box behind an `hf_store`.
    static func borrowed(_ store: OpaquePointer?) -> DriverBox? {
        guard let store = unsafe store else { return nil }
        return unsafe Unmanaged<DriverBox>.fromOpaque(UnsafeRawPointer(store)).takeUnretainedValue()
    }
}
