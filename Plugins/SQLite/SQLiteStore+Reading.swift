internal import HoldfastProviderKit

extension SQLiteStore {
    /// Above every id: ids have 16 bytes, so 17 of the highest sort after them all.
    static let aboveEveryID = OwnedBytes(copying: [UInt8](repeating: 0xFF, count: 17))

    func get(_ address: BorrowedAddress, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
    {
        try connection.begin(call)
        defer { connection.end() }
        do throws(SQLiteError) {
            try checkFile()
            try pushDocument(address, into: &sink, at: host.unixMilliseconds)
        } catch {
            throw connection.failure(error)
        }
    }

    func list(
        _ address: BorrowedAddress, range: ListRange, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError) {
        try connection.begin(call)
        defer { connection.end() }
        do throws(SQLiteError) {
            try checkFile()
            try pushItems(address, range, into: &sink, at: host.unixMilliseconds)
        } catch {
            throw connection.failure(error)
        }
    }

    /// Answers many questions from one snapshot of the file.
    func read(_ requests: ReadBuffer, call: CallContext) throws(ProviderError) {
        try connection.perform(call) { () throws(SQLiteError) in
            try checkFile()
            // It has only read, so nothing is lost by giving it up.
            defer { connection.rollBack(statements.rollback) }
            try statements.beginReading.run()
            let now = host.unixMilliseconds
            for index in requests.indices {
                let request = requests[index]
                var sink = requests.sink(at: index)
                if let range = request.range {
                    try pushItems(request.address, range, into: &sink, at: now)
                } else {
                    try pushDocument(request.address, into: &sink, at: now)
                }
            }
        }
    }

    private func pushDocument(
        _ address: BorrowedAddress, into sink: inout RecordSink, at now: Int64
    ) throws(SQLiteError) {
        let statement = statements.document
        statement.bind(1, text: address.namespace)
        statement.bind(2, text: address.key)
        guard try statement.step() else { return }
        defer { statement.reset() }
        let flags = statement.recordFlags(1)
        let expiry = statement.integer(2)
        guard !flags.contains(.removed), expiry == 0 || expiry > now else { return }
        _ = unsafe sink.push(
            OutgoingRecord(
                address, version: try statement.version(0), value: BorrowedBytes(statement.bytes(3)),
                expiresAt: expiry, flags: flags))
    }

    private func pushItems(
        _ address: BorrowedAddress, _ range: ListRange, into sink: inout RecordSink, at now: Int64
    ) throws(SQLiteError) {
        guard range.limit > 0 else { return }
        let statement = range.isReversed ? statements.itemsReversed : statements.items
        statement.bind(1, text: address.namespace)
        statement.bind(2, text: address.key)
        // An open start is the empty id of the document, which is no item.
        if range.after.isZero {
            statement.bind(3, blob: BorrowedBytes.empty)
        } else {
            statement.bind(3, version: range.after)
        }
        if range.before.isZero {
            statement.bind(4, blob: Self.aboveEveryID.borrowed)
        } else {
            statement.bind(4, version: range.before)
        }
        defer { statement.reset() }
        var remaining = range.limit
        var rows = SQLiteRows(in: rowSpace, expecting: remaining)
        while remaining > 0, try statement.step() {
            let flags = statement.recordFlags(2)
            let expiry = statement.integer(3)
            guard !flags.contains(.removed), expiry == 0 || expiry > now else { continue }
            remaining -= 1
            let (id, version) = (try statement.version(0), try statement.version(1))
            let wantsMore = unsafe rows.push(BorrowedBytes(statement.bytes(4)), into: &sink) { value in
                OutgoingRecord(
                    address, id: id, version: version, value: value, expiresAt: expiry, flags: flags)
            }
            if !wantsMore { return }
        }
        _ = rows.finish(into: &sink)
    }
}
