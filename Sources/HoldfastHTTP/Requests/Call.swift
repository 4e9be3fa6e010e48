internal import HTTPTypes
internal import Holdfast
internal import HoldfastChain
internal import HoldfastModel
internal import Logging
internal import NIOCore

/// One request that was routed, allowed, read and checked: what a route works on.
final class Call: Sendable {
    let route: Route
    let request: HTTPRequest
    /// The parameters of the path, percent-decoded, with their names.
    let parameters: [(name: String, value: String)]
    /// The query, decoded and held against what the route takes.
    let query: QueryValues
    /// The whole body; empty where there is none.
    let body: ByteBuffer
    let caller: Caller
    /// What names the request in answers and logs.
    let requestID: String
    /// What all requests share.
    let environment: ServerEnvironment
    /// When the answer must be there.
    let deadline: ContinuousClock.Instant
    /// The version that a write expects, where its `If-Match` leaves a choice and the first was not the one.
    let candidate: Version?

    init(
        route: Route, request: HTTPRequest, parameters: [(name: String, value: String)],
        query: QueryValues, body: ByteBuffer, caller: Caller, requestID: String,
        environment: ServerEnvironment, deadline: ContinuousClock.Instant, candidate: Version? = nil
    ) {
        self.route = route
        self.request = request
        self.parameters = parameters
        self.query = query
        self.body = body
        self.caller = caller
        self.requestID = requestID
        self.environment = environment
        self.deadline = deadline
        self.candidate = candidate
    }

    /// The same request, whose write expects another version.
    func trying(_ candidate: Version) -> Call {
        Call(
            route: route, request: request, parameters: parameters, query: query, body: body, caller: caller,
            requestID: requestID, environment: environment, deadline: deadline, candidate: candidate)
    }

    /// What the caller may see of the store: for a token with a tenant, nothing beyond that.
    var store: HistoryStore { caller.store }

    /// A parameter of the path.
    subscript(name: String) -> String {
        guard let parameter = parameters.first(where: { $0.name == name }) else {
            preconditionFailure("the path \(route.description.path) has no parameter \(name)")
        }
        return parameter.value
    }

    /// Leaves a line in the audit log about what only an administrator may do.
    func audit(_ action: String) {
        environment.logger.notice(
            "audit: \(action)", metadata: ["caller": "\(caller.name)", "request": "\(requestID)"])
    }

    /// A header.
    func header(_ name: HTTPField.Name) -> String? { request.headerFields.value(of: name) }

    /// How long a read may take: what is left of the request's time.
    var callOptions: CallOptions {
        get throws(HoldfastError) { CallOptions(timeout: try remaining) }
    }

    /// What is left of the request's time.
    ///
    /// - Throws: `timeout` when nothing is.
    var remaining: Duration {
        get throws(HoldfastError) {
            let left = deadline - .now
            guard left > .zero else {
                throw HoldfastError(.timeout, "the request took longer than it may")
            }
            return left
        }
    }

    /// How a write is made safe, as its headers say.
    ///
    /// - Throws: `invalid` for a header that is not well formed, `conflict` for a fence that has ended.
    func writeOptions() async throws(HoldfastError) -> WriteOptions {
        let key = header(.idempotencyKey)
        // Checked here, since a request that has nothing to write is refused as well.
        if let count = key?.utf8.count, !(1...RequestLimits.idempotencyKeyByteCountMax).contains(count) {
            throw HoldfastError(
                .invalid,
                "Idempotency-Key has \(count) bytes, expected 1 to \(RequestLimits.idempotencyKeyByteCountMax)"
            )
        }
        var options = WriteOptions(
            idempotencyKey: key, ack: try preferences.ack, timeout: try remaining)
        if let text = header(.holdfastFence) {
            let (name, number) = try FenceHeader.parse(text)
            options.fence = try await store.locks.fence(of: name, number: number, try callOptions)
        }
        return options
    }

    private var preferences: Preferences {
        get throws(HoldfastError) { try Preferences(header(.preferences)) }
    }
}
