package import HoldfastModel

/// What a backend in another process says to a ``BackendCall``.
package enum BackendReply: Hashable, Sendable {
    /// Of a write.
    case receipt(WriteReceipt)
    /// Of a read.
    case answer(ReadAnswer)
    /// Of a scan and of a query.
    case records(QueryAnswer)
    /// Of a flush.
    case done
    /// Of a question for the status; with the namespaces whose words have an index, by the name of the provider, where
    /// that is known.
    case status(BackendStatus, Guarantees, wordIndexes: [String: Set<String>]? = nil)
    /// Of a collection of blobs.
    case blobs(BlobReport)
    /// Of an operation that the host must answer itself.
    case declined
    /// Of any.
    case failure(HoldfastError)

    /// The bytes of the reply.
    package var encoded: Bytes {
        var writer = WireWriter()
        writer.write(BackendCall.format)
        switch self {
        case .receipt(let receipt):
            writer.write(UInt8(1))
            writer.write(array: receipt.versions) { $0.write($1) }
            writer.write(receipt.isReplay)
            writer.write(receipt.level.rawValue)
            writer.write(receipt.degradations)
        case .answer(let answer):
            writer.write(UInt8(2))
            writer.write(answer.source)
            writer.write(answer.degradations)
            writer.write(array: answer.results) { $0.write(array: $1) { $0.write($1) } }
        case .records(let answer):
            writer.write(UInt8(3))
            writer.write(answer.source)
            writer.write(answer.degradations)
            writer.write(answer.isScanned)
            writer.write(array: answer.records) { $0.write($1) }
        case .done: writer.write(UInt8(4))
        case .status(let status, let guarantees, let wordIndexes):
            writer.write(UInt8(5))
            writer.write(status)
            for flag in [guarantees.isAtomic, guarantees.isDurable, guarantees.isShared] {
                writer.write(flag)
            }
            writer.write(array: guarantees.operations.sorted()) { $0.write($1) }
            writer.write(optional: wordIndexes) { $0.write($1) }
        case .failure(let error):
            writer.write(UInt8(6))
            writer.write(error)
        case .blobs(let report):
            writer.write(UInt8(7))
            writer.write(report)
        case .declined: writer.write(UInt8(8))
        }
        return writer.bytes
    }

    /// Reads a reply.
    ///
    /// - Throws: `invalid` for anything that ``encoded`` does not write.
    package init(decoding bytes: Bytes) throws(HoldfastError) {
        var reader = WireReader(bytes)
        try reader.checkFormat()
        switch try reader.number(UInt8.self) {
        case 1: self = .receipt(try reader.receipt())
        case 2:
            var answer = ReadAnswer(
                results: [], source: try reader.text(), degradations: try reader.degradations())
            answer.results = try reader.array { (reader) throws(HoldfastError) in try reader.records() }
            self = .answer(answer)
        case 3:
            let source = try reader.text()
            let degradations = try reader.degradations()
            let isScanned = try reader.flag()
            self = .records(
                QueryAnswer(
                    records: try reader.records(), source: source, degradations: degradations,
                    isScanned: isScanned))
        case 4: self = .done
        case 5:
            let status = try reader.status()
            self = .status(
                status,
                Guarantees(
                    isAtomic: try reader.flag(), isDurable: try reader.flag(), isShared: try reader.flag(),
                    operations: Set(
                        try reader.array { (reader) throws(HoldfastError) in try reader.text() })),
                wordIndexes: try reader.optional { (reader) throws(HoldfastError) in
                    try reader.wordIndexes()
                })
        case 6: self = .failure(try reader.error())
        case 7: self = .blobs(try reader.blobReport())
        case 8: self = .declined
        case let kind: throw WireReader.unknown("reply \(kind)")
        }
        try reader.end()
    }
}
