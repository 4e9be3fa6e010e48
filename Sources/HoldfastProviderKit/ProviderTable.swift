internal import CHoldfastProvider

/// A call of the host, turned into a call of the driver: an error becomes a status and its text.
func answer(
    _ call: UnsafePointer<hf_call>?, _ body: (CallContext) throws(ProviderError) -> hf_status
) -> hf_status {
    let context = unsafe CallContext(call)
    do throws(ProviderError) {
        return try body(context)
    } catch {
        context.report(error)
        return error.code.rawValue
    }
}

/// One part of a driver, or an error that says what it is not.
func require<Part>(_ part: Part?, _ noun: StaticString) throws(ProviderError) -> Part {
    guard let part else { throw ProviderError(.unsupported, "this store was not opened as \(noun)") }
    return part
}

/// The status of a call that pushed records.
func status(of sink: borrowing RecordSink) -> hf_status { hf_status(sink.isStopped ? HF_STOPPED : HF_OK) }

private func status(of result: MergeResult) -> hf_status {
    hf_status(result == .applied ? HF_OK : HF_UNCHANGED)
}

/// The table of one backend type; it lives as long as the process.
func makeProviderTable(_ provider: ProviderDescription) -> UnsafeMutablePointer<hf_provider> {
    let table = UnsafeMutablePointer<hf_provider>.allocate(capacity: 1)
    unsafe table.initialize(to: hf_provider())
    unsafe table.pointee.struct_size = UInt32(MemoryLayout<hf_provider>.size)
    unsafe table.pointee.type = permanentText(provider.type)
    unsafe table.pointee.options_schema = permanentText(provider.optionsSchema)
    unsafe table.pointee.open = openFunctions[ProviderSlots.shared.take(provider)]
    unsafe table.pointee.close = { store in
        if let store = unsafe store { unsafe DriverBox.release(store).driver.close() }
    }
    unsafe table.pointee.ping = { store, call in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = unsafe try require(DriverBox.borrowed(store), "anything").driver
            try driver.ping(integrity: call.asksForIntegrity, call: call)
            return hf_status(HF_OK)
        }
    }
    unsafe table.pointee.get_extension = { store, id in
        guard let box = unsafe DriverBox.borrowed(store), let id = unsafe id else { return nil }
        return unsafe box.table(of: String(cString: id))
    }
    unsafe addPrimitives(to: &table.pointee)
    return unsafe table
}

private func addPrimitives(to table: inout hf_provider) {
    unsafe table.get = { store, call, namespace, key, sink in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.store, "a store")
            var sink = unsafe RecordSink(sink)
            try unsafe driver.get(BorrowedAddress(namespace, key), into: &sink, call: call)
            return sink.count == 0 ? hf_status(HF_NOT_FOUND) : status(of: sink)
        }
    }
    unsafe table.set = { store, call, record in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.store, "a store")
            let record = try unsafe require(record, "a record")
            return try unsafe status(of: driver.set(BorrowedRecord(record), call: call))
        }
    }
    unsafe table.drop = { store, call, namespace, key, version in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.store, "a store")
            let address = unsafe BorrowedAddress(namespace, key)
            return try status(of: driver.drop(address, upTo: Version(version), call: call))
        }
    }
    unsafe table.append = { store, call, record in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.store, "a store")
            let record = try unsafe require(record, "a record")
            return try unsafe status(of: driver.append(BorrowedRecord(record), call: call))
        }
    }
    unsafe table.get_list = { store, call, namespace, key, range, sink in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.store, "a store")
            var sink = unsafe RecordSink(sink)
            try unsafe driver.list(
                BorrowedAddress(namespace, key), range: range.map { unsafe ListRange($0) } ?? ListRange(),
                into: &sink, call: call)
            return status(of: sink)
        }
    }
    unsafe table.query = { store, call, query, sink in
        unsafe answer(call) { call throws(ProviderError) in
            let driver = try unsafe require(DriverBox.borrowed(store)?.store, "a store")
            let query = try unsafe require(query, "a query")
            var sink = unsafe RecordSink(sink)
            try unsafe driver.query(ScanQuery(query), into: &sink, call: call)
            return status(of: sink)
        }
    }
}

extension BorrowedAddress {
    init(_ namespace: hf_bytes, _ key: hf_bytes) {
        unsafe self.init(namespace: BorrowedBytes(namespace), key: BorrowedBytes(key))
    }
}
