internal import HTTPTypes
internal import HoldfastModel

/// An error as OpenAI's API words it: `{"error":{"message","type","param","code"}}`.
struct OpenAIError: Error {
    let status: HTTPResponse.Status
    let message: String
    /// The parameter that is wrong, such as `metadata.key` or `items[0].role`.
    let parameter: String?
    let code: String?
    private var headers = HTTPFields()

    /// Something that the client must send otherwise.
    ///
    /// - Parameters:
    ///   - message: one sentence, with a full stop.
    ///   - parameter: which part of the request.
    ///   - code: a stable word, or nothing.
    /// - Returns: an error with status 400.
    static func invalid(_ message: String, _ parameter: String?, code: String? = nil) -> OpenAIError {
        OpenAIError(.badRequest, message, parameter, code: code)
    }

    /// A parameter that must be of another kind.
    static func wrongType(_ parameter: String, expected: String) -> OpenAIError {
        .invalid(
            "Invalid type for '\(parameter)': expected \(expected).", parameter, code: "invalid_type")
    }

    /// A parameter that must be there.
    static func missing(_ parameter: String) -> OpenAIError {
        .invalid(
            "Missing required parameter: '\(parameter)'.", parameter, code: "missing_required_parameter")
    }

    /// A conversation or an item that is not there.
    static func notFound(_ noun: String, _ id: String) -> OpenAIError {
        OpenAIError(.notFound, "\(noun) with id '\(id.prefix(80))' not found.", nil)
    }

    private init(
        _ status: HTTPResponse.Status, _ message: String, _ parameter: String?, code: String? = nil
    ) {
        self.status = status
        self.message = message
        self.parameter = parameter
        self.code = code
    }

    /// Any other error of a request.
    ///
    /// - Parameters:
    ///   - problem: what was thrown.
    ///   - isRepeatable: whether the request changes nothing when it comes again.
    init(_ problem: Problem, isRepeatable: Bool) {
        let code: String? =
            switch problem.status.code {
            case 401: "invalid_api_key"
            case 400, 404, 405: nil
            default: problem.error.code.description
            }
        self.init(problem.status, problem.detail, nil, code: code)
        headers = problem.headers
        if let wait = problem.reply(requestID: "").headers[.retryAfter] { headers[.retryAfter] = wait }
        // Clients try again by themselves; what may have been stored would be stored twice.
        let isUnsafe = problem.error.flags.contains(.maybeApplied) && !isRepeatable
        let isFutile = problem.error.code == .unsupported || problem.error.code == .corrupt
        if isUnsafe || isFutile { headers[.shouldRetry] = "false" }
    }

    private var type: String {
        switch status.code {
        case 429: "rate_limit_error"
        case 500...: "server_error"
        default: "invalid_request_error"
        }
    }

    /// The answer.
    var reply: Reply {
        var body = JSONBody()
        body.object { body in
            body.name("error")
            body.object { body in
                body.member("message", message)
                body.member("type", type)
                Self.write("param", parameter, &body)
                Self.write("code", code, &body)
            }
        }
        var reply = Reply.json(body, status)
        reply.headers.append(contentsOf: headers)
        return reply
    }

    private static func write(_ name: StaticString, _ text: String?, _ body: inout JSONBody) {
        body.name(name)
        if let text { body.value(text) } else { body.null() }
    }
}
