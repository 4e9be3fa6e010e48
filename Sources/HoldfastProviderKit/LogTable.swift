internal import CHoldfastProvider

/// The table of a driver in the log role; one that cannot be damaged has no `verify` and no `salvage`.
func makeLogTable(isSalvageable: Bool) -> hf_ext_log {
    var table = hf_ext_log()
    table.struct_size = UInt32(MemoryLayout<hf_ext_log>.size)
    unsafe table.append = { store, call, entries, count, firstLSN in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.log, "a log")
            let first = try unsafe driver.append(EntryBuffer(start: entries, count: count), call: call)
            unsafe firstLSN?.pointee = first
            return hf_status(HF_OK)
        }
    }
    unsafe table.read = { store, call, lsn, byteCountMax, entry, context in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.log, "a log")
            var sink = unsafe EntrySink(entry, context: context)
            try driver.read(from: lsn, byteCountMax: byteCountMax, into: &sink, call: call)
            return hf_status(sink.isStopped ? HF_STOPPED : HF_OK)
        }
    }
    unsafe table.bounds = { store, call, first, last, size in
        unsafe answer(call) { call throws(ProviderError) in
            let bounds = try unsafe require(DriverBox.borrowed(store)?.log, "a log").bounds(call: call)
            unsafe first?.pointee = bounds.first
            unsafe last?.pointee = bounds.last
            unsafe size?.pointee = bounds.byteCount
            return hf_status(HF_OK)
        }
    }
    unsafe table.trim = { store, call, lsn in
        unsafe answer(call) { call throws(ProviderError) in
            try unsafe require(DriverBox.borrowed(store)?.log, "a log").trim(before: lsn, call: call)
            return hf_status(HF_OK)
        }
    }
    if isSalvageable { addSalvage(to: &table) }
    return table
}

private func addSalvage(to table: inout hf_ext_log) {
    unsafe table.verify = { store, call, finding, context in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(
                DriverBox.borrowed(store)?.salvageable, "a log that can be damaged")
            var sink = unsafe FindingSink(finding, context: context)
            try driver.verify(into: &sink, call: call)
            return hf_status(sink.isStopped ? HF_STOPPED : HF_OK)
        }
    }
    unsafe table.salvage = { store, call, nextLSN in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(
                DriverBox.borrowed(store)?.salvageable, "a log that can be damaged")
            let next = try driver.salvage(call: call)
            unsafe nextLSN?.pointee = next
            return hf_status(HF_OK)
        }
    }
}
