package import HoldfastModel

/// One call of a backend that lives in another process, as it goes over a socket.
///
/// For programs of one version on one machine: a reader refuses what it does not know. Not a format for disks.
package enum BackendCall: Hashable, Sendable {
    /// See `Backend.write(_:)`.
    case write(WriteRequest)
    /// See `Backend.read(_:_:)`.
    case read([ReadRequest], CallOptions)
    /// See `Backend.query(_:_:)`.
    case query(Query, CallOptions)
    /// See `Backend.select(_:_:)`.
    case select(Bytes, CallOptions)
    /// See `Backend.flush(_:)`.
    case flush(CallOptions)
    /// See `Backend.status()`, with `Backend.guarantees`.
    case status
    /// See `Backend.collectBlobs(_:_:)`.
    case collectBlobs(BlobCollection, CallOptions)
    /// See `Backend.invoke(_:_:)`.
    case invoke(DomainCall, CallOptions)

    /// The version of what ``encoded`` writes.
    static let format: UInt8 = 1

    /// The bytes of the call.
    package var encoded: Bytes {
        var writer = WireWriter()
        writer.write(Self.format)
        switch self {
        case .write(let request):
            writer.write(UInt8(1))
            writer.write(request)
        case .read(let requests, let options):
            writer.write(UInt8(2))
            writer.write(options)
            writer.write(array: requests) { $0.write($1) }
        case .query(let query, let options):
            writer.write(UInt8(3))
            writer.write(options)
            writer.write(query)
        case .select(let text, let options):
            writer.write(UInt8(4))
            writer.write(options)
            writer.write(text)
        case .flush(let options):
            writer.write(UInt8(5))
            writer.write(options)
        case .status: writer.write(UInt8(6))
        case .collectBlobs(let collection, let options):
            writer.write(UInt8(7))
            writer.write(options)
            writer.write(collection.grace)
            writer.write(collection.isDryRun)
        case .invoke(let call, let options):
            writer.write(UInt8(8))
            writer.write(options)
            writer.write(call)
        }
        return writer.bytes
    }

    /// Reads a call, and checks what a backend may take for granted.
    ///
    /// - Throws: `invalid` for anything that ``encoded`` does not write, and for records that break the limits.
    package init(decoding bytes: Bytes) throws(HoldfastError) {
        var reader = WireReader(bytes)
        try reader.checkFormat()
        switch try reader.number(UInt8.self) {
        case 1: self = .write(try reader.writeRequest())
        case 2:
            let options = try reader.callOptions()
            self = .read(
                try reader.array { (reader) throws(HoldfastError) in try reader.readRequest() }, options)
        case 3:
            let options = try reader.callOptions()
            self = .query(try reader.query(), options)
        case 4:
            let options = try reader.callOptions()
            self = .select(try reader.bytes(), options)
        case 5: self = .flush(try reader.callOptions())
        case 6: self = .status
        case 7:
            let options = try reader.callOptions()
            self = .collectBlobs(
                BlobCollection(grace: try reader.duration(), isDryRun: try reader.flag()), options)
        case 8:
            let options = try reader.callOptions()
            self = .invoke(try reader.domainCall(), options)
        case let kind: throw WireReader.unknown("call \(kind)")
        }
        try reader.end()
    }

    /// Does what the call says.
    package func perform(on backend: any Backend) async -> BackendReply {
        do throws(HoldfastError) {
            switch self {
            case .write(let request): return .receipt(try await backend.write(request))
            case .read(let requests, let options):
                return .answer(try await backend.read(requests, options))
            case .query(let query, let options): return .records(try await backend.query(query, options))
            case .select(let text, let options): return .records(try await backend.select(text, options))
            case .flush(let options):
                try await backend.flush(options)
                return .done
            case .status: return .status(await backend.status(), await backend.guarantees)
            case .collectBlobs(let collection, let options):
                return .blobs(try await backend.collectBlobs(collection, options))
            case .invoke(let call, let options):
                return try await backend.invoke(call, options).map { .answer($0) } ?? .declined
            }
        } catch {
            return .failure(error)
        }
    }
}
