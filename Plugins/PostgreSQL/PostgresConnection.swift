internal import CPostgreSQL
private import Glibc
internal import HoldfastProviderKit
internal import HoldfastSupport

/// An open connection: owns libpq's handle, and what bounds its calls.
///
/// One thread at a time. The connection is in pipeline mode from its first statement on: whatever a call asks is
/// sent at once and answered in one round trip. Reading and writing never block, so that neither side can wait
/// for the other to take what it sends, and every wait looks at the deadline.
@safe final class PostgresConnection {
    let handle: OpaquePointer
    let host: HostServices
    /// Whether the connection is lost for good.
    private(set) var isDead = false

    /// Takes over a handle that is connected.
    init(connected handle: OpaquePointer, host: HostServices) {
        unsafe self.handle = handle
        self.host = host
    }

    /// Notes that nothing can be asked any more.
    func markDead() { isDead = true }

    deinit { unsafe PQfinish(handle) }

    /// The version of the server, such as 150020; 0 where it is unknown.
    var serverVersion: Int { unsafe Int(PQserverVersion(handle)) }

    /// A setting that the server reports by itself.
    func reported(_ name: String) -> String? {
        unsafe PQparameterStatus(handle, name).map { unsafe String(cString: $0) }
    }

    /// Goes into pipeline mode, in which the connection stays.
    func startPipeline() throws(ProviderError) {
        guard unsafe PQsetnonblocking(handle, 1) == 0, unsafe PQenterPipelineMode(handle) == 1 else {
            throw lost(mayBeApplied: false)
        }
    }

    /// Prepares statements, all in one round trip.
    func prepare(_ statements: [(name: String, sql: String)], call: CallContext) throws(ProviderError) {
        try begin(call)
        for (name, sql) in statements {
            guard unsafe PQsendPrepare(handle, name, sql, 0, nil) == 1 else {
                throw lost(mayBeApplied: false)
            }
        }
        try finish(call, count: statements.count, commits: false, streams: false) { _, _ in }
    }

    /// Runs statements in order, all in one round trip; after one that fails, none is run.
    ///
    /// A transaction that a failure leaves open is rolled back.
    ///
    /// - Parameters:
    ///   - requests: the statements.
    ///   - call: deadline and cancellation.
    ///   - commits: whether they end with a commit, so that a broken connection leaves their fate open.
    ///   - streams: whether the rows of the last statement are passed on one by one.
    ///   - body: takes each answer with the position of its statement.
    /// - Throws: the first failure, of the server or of `body`.
    func run(
        _ requests: [PostgresRequest], call: CallContext, commits: Bool = false, streams: Bool = false,
        _ body: (Int, PostgresResult) throws(ProviderError) -> Void = { _, _ in }
    ) throws(ProviderError) {
        try begin(call)
        for request in requests {
            guard send(request) else { throw lost(mayBeApplied: false) }
        }
        try finish(call, count: requests.count, commits: commits, streams: streams, body)
    }

    /// Runs one statement whose failure is not the caller's.
    ///
    /// - Returns: whether it succeeded.
    @discardableResult
    func attempt(_ sql: String, call: CallContext) throws(ProviderError) -> Bool {
        do throws(ProviderError) {
            try run([PostgresRequest(sql: sql)], call: call)
            return true
        } catch {
            if isDead { throw error }
            return false
        }
    }

    private func begin(_ call: CallContext) throws(ProviderError) {
        guard !isDead else {
            throw ProviderError(
                .unavailable, "the connection to the server is lost", flags: [.retryable, .storeDead])
        }
        try call.check(host)
    }

    private func send(_ request: PostgresRequest) -> Bool {
        let parameters = request.parameters
        let count = parameters.count
        // An empty value needs an address too: none would be a null.
        let contents = parameters.bytes.isEmpty ? [0] : parameters.bytes
        return unsafe contents.withUnsafeBytes { bytes in
            var values: [UnsafePointer<CChar>?] = unsafe []
            var lengths: [Int32] = []
            for place in parameters.places {
                guard let base = bytes.baseAddress else { continue }
                unsafe values.append((base + place.lowerBound).assumingMemoryBound(to: CChar.self))
                lengths.append(Int32(place.count))
            }
            let formats = [Int32](repeating: 1, count: count)
            switch request.statement {
            case .prepared(let name):
                return unsafe PQsendQueryPrepared(handle, name, Int32(count), values, lengths, formats, 1)
                    == 1
            case .text(let sql):
                return unsafe PQsendQueryParams(handle, sql, Int32(count), nil, values, lengths, formats, 1)
                    == 1
            }
        }
    }
}
