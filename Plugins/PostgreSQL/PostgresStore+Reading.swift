internal import HoldfastProviderKit

extension PostgresStore {
    /// Above every id: ids have 16 bytes, so 17 of the highest sort after them all.
    static let aboveEveryID = [UInt8](repeating: 0xFF, count: 17)

    func get(_ address: BorrowedAddress, into sink: inout RecordSink, call: CallContext) throws(ProviderError)
    {
        var answer = RecordPusher(address, range: nil)
        try connection.run([request(address, nil)], call: call) { _, result throws(ProviderError) in
            try answer.push(result, into: &sink)
        }
    }

    func list(
        _ address: BorrowedAddress, range: ListRange, into sink: inout RecordSink, call: CallContext
    ) throws(ProviderError) {
        guard range.limit > 0 else { return }
        var answer = RecordPusher(address, range: range)
        try connection.run([request(address, range)], call: call, streams: true) {
            _, result throws(ProviderError) in try answer.push(result, into: &sink)
        }
    }

    /// Answers many questions from one snapshot, in one round trip.
    func read(_ requests: ReadBuffer, call: CallContext) throws(ProviderError) {
        guard !requests.isEmpty else { return }
        var questions: [PostgresRequest] = [.beginReading]
        for asked in requests { questions.append(request(asked.address, asked.range)) }
        try connection.run(questions + [.commit], call: call) { index, result throws(ProviderError) in
            guard index > 0, index <= requests.count else { return }
            let asked = requests[index - 1]
            var answer = RecordPusher(asked.address, range: asked.range)
            var sink = requests.sink(at: index - 1)
            try answer.push(result, into: &sink)
        }
    }

    private func request(_ address: BorrowedAddress, _ range: ListRange?) -> PostgresRequest {
        var parameters = PostgresParameters()
        parameters.add(address.namespace)
        parameters.add(address.key)
        guard let range else {
            parameters.add(host.unixMilliseconds)
            return PostgresRequest("document", parameters)
        }
        // An open start is the empty id of the document, which is no item.
        parameters.add(range.after)
        if range.before.isZero {
            parameters.add(bytes: Self.aboveEveryID)
        } else {
            parameters.add(range.before)
        }
        parameters.add(host.unixMilliseconds)
        parameters.add(Int64(clamping: range.limit))
        return PostgresRequest(range.isReversed ? "items_reversed" : "items", parameters)
    }
}

/// Hands the rows of one address to the host.
private struct RecordPusher {
    let address: BorrowedAddress
    /// The columns of a list begin with the id.
    let offset: Int32
    var isStopped = false

    init(_ address: BorrowedAddress, range: ListRange?) {
        self.address = address
        offset = range == nil ? 0 : 1
    }

    mutating func push(_ result: PostgresResult, into sink: inout RecordSink) throws(ProviderError) {
        for row in 0..<result.rowCount where !isStopped {
            let record = OutgoingRecord(
                address, id: offset == 0 ? .zero : try result.version(row, 0),
                version: try result.version(row, offset), value: result.bytes(row, offset + 3),
                expiresAt: result.integer(row, offset + 2), flags: result.flags(row, offset + 1))
            isStopped = !sink.push(record)
        }
    }
}

@available(*, unavailable) extension RecordPusher: Sendable {}
