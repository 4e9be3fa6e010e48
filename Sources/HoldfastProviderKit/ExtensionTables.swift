internal import CHoldfastProvider

/// The extension tables that are the same for every driver; made once, valid as long as the process.
@safe final class ExtensionTables: @unchecked Sendable {
    // @unchecked: the memory is written by `init` only, and never freed.
    static let shared = ExtensionTables()

    let flush: UnsafeRawPointer
    let log: UnsafeRawPointer
    let salvageableLog: UnsafeRawPointer
    let stats: UnsafeRawPointer
    let select: UnsafeRawPointer

    private init() {
        unsafe flush = Self.permanent(makeFlushTable())
        unsafe log = Self.permanent(makeLogTable(isSalvageable: false))
        unsafe salvageableLog = Self.permanent(makeLogTable(isSalvageable: true))
        unsafe stats = Self.permanent(makeStatsTable())
        unsafe select = Self.permanent(makeSelectTable())
    }

    private static func permanent<Table: BitwiseCopyable>(_ table: Table) -> UnsafeRawPointer {
        let memory = UnsafeMutablePointer<Table>.allocate(capacity: 1)
        unsafe memory.initialize(to: table)
        return UnsafeRawPointer(memory)
    }
}

/// The table of a driver that takes batches.
func makeBatchTable(preferredChangeCount: UInt32) -> hf_ext_batch {
    var table = hf_ext_batch()
    table.struct_size = UInt32(MemoryLayout<hf_ext_batch>.size)
    table.preferred_changes = preferredChangeCount
    unsafe table.apply = { store, call, changes, count, stride, flags in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.batch, "a store with batches")
            let isAtomic = flags & UInt32(HF_BATCH_ATOMIC) != 0
            let changes = unsafe ChangeBuffer(
                start: changes, count: count, stride: stride, isAtomic: isAtomic)
            changes.clear()
            try driver.apply(changes, call: call)
            return hf_status(HF_OK)
        }
    }
    unsafe table.read = { store, call, addresses, ranges, sinks, count, stride in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.batch, "a store with batches")
            try unsafe driver.read(
                ReadBuffer(addresses: addresses, ranges: ranges, sinks: sinks, count: count, stride: stride),
                call: call)
            return hf_status(HF_OK)
        }
    }
    return table
}

/// The table of a driver with operations of its own.
func makeDomainTable(operations: UnsafePointer<UnsafePointer<CChar>?>?) -> hf_ext_domain {
    var table = unsafe hf_ext_domain()
    unsafe table.struct_size = UInt32(MemoryLayout<hf_ext_domain>.size)
    unsafe table.operations = operations
    unsafe table.invoke = { store, call, operation, arguments, sink in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.domain, "a store with operations")
            let operation = try unsafe require(operation, "an operation")
            var sink = unsafe RecordSink(sink)
            try unsafe driver.invoke(
                String(cString: operation), arguments: BorrowedBytes(arguments), into: &sink, call: call)
            return status(of: sink)
        }
    }
    return unsafe table
}

private func makeFlushTable() -> hf_ext_flush {
    var table = hf_ext_flush()
    table.struct_size = UInt32(MemoryLayout<hf_ext_flush>.size)
    unsafe table.flush = { store, call in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.flushable, "a store that flushes")
            try driver.flush(call: call)
            return hf_status(HF_OK)
        }
    }
    return table
}

private func makeSelectTable() -> hf_ext_select {
    var table = hf_ext_select()
    table.struct_size = UInt32(MemoryLayout<hf_ext_select>.size)
    unsafe table.select = { store, call, query, sink in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.select, "a store that selects")
            var sink = unsafe RecordSink(sink)
            try unsafe driver.select(BorrowedBytes(query), into: &sink, call: call)
            return status(of: sink)
        }
    }
    return table
}

private func makeStatsTable() -> hf_ext_stats {
    var table = hf_ext_stats()
    table.struct_size = UInt32(MemoryLayout<hf_ext_stats>.size)
    unsafe table.snapshot = { store, metric, context in
        guard let driver = unsafe DriverBox.borrowed(store)?.stats, let metric = unsafe metric else {
            return hf_status(HF_E_UNSUPPORTED)
        }
        do throws(ProviderError) {
            try driver.reportStats { name, value in
                var name = name
                name.withUTF8 {
                    unsafe metric(context, hf_bytes(data: $0.baseAddress, size: $0.count), value)
                }
            }
            return hf_status(HF_OK)
        } catch {
            return error.code.rawValue
        }
    }
    return table
}
