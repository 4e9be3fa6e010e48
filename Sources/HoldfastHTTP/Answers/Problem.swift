internal import HTTPTypes
internal import HoldfastModel

/// An error as it goes out.
///
/// Source: RFC 9457.
struct Problem: Error, Sendable {
    /// The error as it was thrown; its message may be for the log alone.
    let error: HoldfastError
    let status: HTTPResponse.Status
    /// What the caller reads.
    let detail: String
    /// Beside those that every error has.
    var headers = HTTPFields()

    /// An error of a route, with the status of its code.
    ///
    /// - Parameters:
    ///   - error: what was thrown.
    ///   - isConditional: whether the request had a condition in a header, so that a conflict is that condition.
    ///   - isTrusted: whether the caller may read what backends say of themselves.
    init(_ error: HoldfastError, isConditional: Bool = false, isTrusted: Bool = true) {
        self.error = error
        let isPrecondition = isConditional && error.code == .conflict
        status = isPrecondition ? .preconditionFailed : Self.status(of: error.code)
        detail = isTrusted || !Self.mayQuoteBackend(error) ? error.message : Self.publicDetail(of: error.code)
    }

    /// A refusal that has a status of its own, and that the caller may read.
    init(
        _ status: HTTPResponse.Status, _ code: HoldfastError.Code, _ detail: String,
        retryAfter: Duration? = nil
    ) {
        error = HoldfastError(code, detail, retryAfter: retryAfter)
        self.status = status
        self.detail = detail
    }

    /// Whether the caller is told to look into the log.
    var isHidden: Bool { detail != error.message }

    /// The status of each code: the table in `docs/reference/errors.md`.
    static func status(of code: HoldfastError.Code) -> HTTPResponse.Status {
        switch code {
        case .invalid: .badRequest
        case .notFound: .notFound
        case .conflict, .stale: .conflict
        case .unsupported: .notImplemented
        case .unavailable: .serviceUnavailable
        case .timeout: .gatewayTimeout
        case .exhausted: HTTPResponse.Status(code: 507, reasonPhrase: "Insufficient Storage")
        case .permission: .forbidden
        case .cancelled: HTTPResponse.Status(code: 499, reasonPhrase: "Client Closed Request")
        default: .internalServerError
        }
    }

    /// Backends word their own failures: with addresses, statements, file names.
    private static func mayQuoteBackend(_ error: HoldfastError) -> Bool {
        switch error.code {
        case .internal, .corrupt, .unavailable, .permission, .exhausted: true
        default: error.vendorCode != 0
        }
    }

    private static func publicDetail(of code: HoldfastError.Code) -> String {
        switch code {
        case .unavailable: "no backend took the request; the daemon's log says why under this request id"
        case .exhausted:
            "a disk, a quota or the log is full; the daemon's log says which under this request id"
        case .permission: "an operator must act; the daemon's log says how under this request id"
        case .corrupt: "stored bytes fail validation; the daemon's log says which under this request id"
        default: "the daemon's log says more under this request id"
        }
    }
}

extension Problem {
    /// The error as problem+json.
    func reply(requestID: String) -> Reply {
        var body = JSONBody()
        body.object { body in
            body.member("type", "urn:holdfast:error:\(error.code)")
            body.member("title", status.reasonPhrase)
            body.member("status", status.code)
            body.member("detail", detail)
            body.member("code", error.code.description)
            body.member("requestId", requestID)
            body.member("retryable", error.flags.contains(.retryable))
            if error.flags.contains(.maybeApplied) { body.member("maybeApplied", true) }
            body.member("retryAfter", retrySeconds)
            if let current = error.current {
                body.name("current")
                if current.isZero { body.null() } else { body.value(hex: current) }
            }
        }
        var reply = Reply(status, .buffer(body.buffer), type: Reply.MediaType.problem)
        reply.headers.append(contentsOf: headers)
        if let seconds = retrySeconds {
            reply.headers.append(HTTPField(name: .retryAfter, value: String(seconds)))
        }
        if let current = error.current, !current.isZero, status == .preconditionFailed {
            reply.note(tag: current)
        }
        return reply
    }

    /// Whole seconds, at least one; a second where it is worth a retry and nobody says when.
    private var retrySeconds: Int64? {
        let isWorthIt = error.flags.contains(.retryable) && [503, 507, 429].contains(status.code)
        guard error.retryAfter != nil || isWorthIt else { return nil }
        let (seconds, fraction) = (error.retryAfter ?? .seconds(1)).components
        return max(1, fraction > 0 ? seconds + 1 : seconds)
    }
}
