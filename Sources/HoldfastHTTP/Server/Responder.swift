internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// Answers requests: from the bytes of a head to the last byte of an answer.
struct Responder: Sendable {
    let environment: ServerEnvironment
    let gate: Gate
    let table: RouteTable
    /// Names requests; also those that the parser refuses.
    let names = RequestNames()
    let date = DateHeader()

    init(environment: ServerEnvironment, gate: Gate, routes: [Route]) {
        self.environment = environment
        self.gate = gate
        table = RouteTable(routes)
    }

    /// A request on its way through.
    private struct Passage {
        let requestID: String
        let start = ContinuousClock.now
        /// The route, once it is found.
        var route: Route?
        /// Who was let in.
        var admission: Admission?
        var bodyByteCount = 0
        var code: HoldfastError.Code?
        /// Who has answered its reads.
        let trail = AnswerTrail()
        /// Whether somebody has begun to read the body, which nobody can do twice.
        var isBodyBegun = false
        /// Whether no byte of the body is left on the connection.
        var isBodyRead = false
    }

    /// A request whose caller was let in.
    private struct Admission {
        let route: Route
        let caller: Caller
        /// The names of the path's parameters, and their raw values.
        let names: [String]
        let values: [Substring.UTF8View]
        let query: Substring.UTF8View?
    }

    /// Answers one request.
    ///
    /// - Parameters:
    ///   - request: its head, and its body on the way.
    ///   - writer: takes the answer.
    ///   - isLocal: whether it came over a Unix socket.
    /// - Throws: what writing throws; and where the body was left unread, to end the connection.
    @concurrent func respond(
        to request: Request, _ writer: consuming ResponseWriter, isLocal: Bool
    ) async throws {
        var passage = Passage(requestID: names.name(given: request.headers.value(of: .requestID)))
        var reply: Reply
        do throws(Problem) {
            if request.headers.value(of: .expect)?.lowercased() == "100-continue" {
                _ = try await admit(request, &passage, isLocal: isLocal)
                try await Self.invite(&writer)
            }
            reply = try await answer(request, &passage, isLocal: isLocal)
        } catch {
            passage.code = error.error.code
            log(error, passage, request)
            let isRepeatable =
                request.method == .get || request.method == .head
                || request.headers.value(of: .idempotencyKey) != nil
            reply =
                passage.route?.wording?(error, isRepeatable) ?? error.reply(requestID: passage.requestID)
        }
        if reply.status == .notFound { reply.note(passage.trail) }
        let hasRest =
            request.headers.value(of: .contentLength) != nil
            || request.headers.value(of: .transferEncoding) != nil
        let isLast = hasRest && !passage.isBodyRead
        reply.headers.append(HTTPField(name: .date, value: date.text))
        reply.headers.append(HTTPField(name: .requestID, value: passage.requestID))
        if isLast { reply.headers.append(HTTPField(name: .connection, value: "close")) }
        // Also where the client is gone and nobody reads the answer.
        defer { observe(passage, request, reply) }
        try await send(reply, writer, isHead: request.method == .head)
        if isLast { try await end(request.body, isBegun: passage.isBodyBegun) }
    }
}

extension Responder {
    /// Finds the route of a request and lets its caller in, before a byte of the body is read.
    private func admit(
        _ request: Request, _ passage: inout Passage, isLocal: Bool
    ) async throws(Problem) -> Admission {
        if let admission = passage.admission { return admission }
        let target = try Self.target(of: request)
        let match = table.match(request.method, target.segments)
        guard case .route(let route, let names, let values) = match else {
            throw Self.refusal(of: match, request)
        }
        passage.route = route
        let caller = try gate.caller(of: request.head, isLocal: isLocal, for: route.description.access)
        let admission = Admission(
            route: route, caller: caller, names: names, values: values, query: target.query)
        passage.admission = admission
        try check(request.headers, route.description)
        return admission
    }

    private func answer(
        _ request: Request, _ passage: inout Passage, isLocal: Bool
    ) async throws(Problem) -> Reply {
        let admission = try await admit(request, &passage, isLocal: isLocal)
        let (route, caller) = (admission.route, admission.caller)
        let isConditional =
            request.headers.value(of: .ifMatch) != nil || request.headers.value(of: .ifNoneMatch) != nil
        do {
            let parameters = try zip(admission.names, admission.values).map { pair throws(HoldfastError) in
                (name: pair.0, value: try PercentText.decode(segment: pair.1))
            }
            let query = try QueryValues(admission.query, of: route.description.parameters)
            let body = try await body(of: request, route.description, &passage)
            let call = Call(
                route: route, request: request.head,
                parameters: parameters, query: query, body: body, caller: caller,
                requestID: passage.requestID, environment: environment,
                deadline: passage.start + (try limit(request)))
            let reply = try await AnswerTrail.$current.withValue(passage.trail) {
                try await environment.traced(call) { () async throws(HoldfastError) in
                    try await call.answer()
                }
            }
            try call.checkMatch(of: reply)
            return reply
        } catch let problem as Problem {
            throw problem
        } catch is TornRequest {
            throw Problem(HoldfastError(.cancelled, "the connection ended before the request had arrived"))
        } catch let error as HoldfastError {
            throw Problem(error, isConditional: isConditional, isTrusted: caller.sight == .errors)
        } catch {
            throw Problem(HoldfastError(.internal, "\(error)"), isTrusted: false)
        }
    }

    private static func target(of request: Request) throws(Problem) -> RequestTarget {
        do {
            return try RequestTarget(request.head.path ?? "")
        } catch {
            throw Problem(error)
        }
    }

    private static func refusal(of match: RouteTable.Match, _ request: Request) -> Problem {
        guard case .otherMethods(let methods) = match else {
            return Problem(
                .notFound, .notFound,
                "there is no route \(request.method) \((request.head.path ?? "").prefix(200)); /openapi.json has all"
            )
        }
        var problem = Problem(
            .methodNotAllowed, .invalid,
            "this path does not take \(request.method), expected \(methods.joined(separator: ", "))")
        problem.headers.append(HTTPField(name: .allow, value: methods.joined(separator: ", ")))
        return problem
    }

    /// The time that a request has: what its client waits, and never more than the daemon allows.
    private func limit(_ request: Request) throws(HoldfastError) -> Duration {
        let most = environment.live.requestTimeout
        guard let text = request.headers.value(of: .preferences) else { return most }
        return min(try Preferences(text).wait ?? most, most)
    }
}

extension Responder {
    /// Refuses what need not be read.
    private func check(_ headers: HTTPFields, _ route: RouteDescription) throws(Problem) {
        let most = environment.live.bodyByteCountMax
        if let length = headers.value(of: .contentLength).flatMap({ Int($0) }), length > most {
            throw Self.tooLarge(most)
        }
        try checkConditions(headers, route)
        if case .none = route.content { return }
        if let coding = headers.value(of: .contentEncoding), coding.lowercased() != "identity" {
            var problem = Problem(
                .unsupportedMediaType, .invalid, "Content-Encoding is \(coding.prefix(80)), expected none")
            problem.headers.append(HTTPField(name: .acceptEncoding, value: "identity"))
            throw problem
        }
        guard let type = headers.value(of: .contentType) else { return }
        switch route.content {
        case .none: return
        case .json, .optionalJSON:
            guard !ContentType.isJSON(type) else { return }
            throw Problem(
                .unsupportedMediaType, .invalid,
                "Content-Type is \(type.prefix(80)), expected \(Reply.MediaType.json)")
        case .value:
            guard !ContentType.isJSON(type), !ContentType.isBytes(type) else { return }
            throw Problem(
                .unsupportedMediaType, .invalid,
                "Content-Type is \(type.prefix(80)), expected \(Reply.MediaType.json), or \(Reply.MediaType.bytes) for any bytes"
            )
        }
    }

    /// A write that would leave its condition, its fence or its idempotency key out of account does not take place.
    private func checkConditions(_ headers: HTTPFields, _ route: RouteDescription) throws(Problem) {
        guard route.access == .write || route.access == .admin, route.method != .get else { return }
        let names = [HTTPField.Name.ifMatch, .ifNoneMatch, .holdfastFence, .idempotencyKey]
        for name in names where headers.value(of: name) != nil {
            let isTaken = route.parameters.contains {
                $0.place == .header && $0.name.lowercased() == name.canonicalName
            }
            guard !isTaken else { continue }
            let reason = name == .idempotencyKey ? ": asked again, it does again what is to be done" : ""
            throw Problem(.badRequest, .invalid, "\(route.method) \(route.path) takes no \(name)\(reason)")
        }
    }

    private static func tooLarge(_ most: Int) -> Problem {
        Problem(.contentTooLarge, .invalid, "the body has more than \(most) bytes, which is the limit")
    }

    @concurrent private static func invite(_ writer: inout ResponseWriter) async throws(Problem) {
        do {
            try await writer.writeInformationalHead(HTTPResponse(status: .continue))
        } catch {
            throw Problem(HoldfastError(.cancelled, "the client is gone"))
        }
    }

    /// The whole body.
    private func body(
        of request: Request, _ route: RouteDescription, _ passage: inout Passage
    ) async throws -> ByteBuffer {
        let most = environment.live.bodyByteCountMax
        guard
            request.headers.value(of: .contentLength) != nil
                || request.headers.value(of: .transferEncoding) != nil
        else {
            return ByteBuffer()
        }
        passage.isBodyBegun = true
        var whole = ByteBuffer()
        var discarded = 0
        for try await var part in request.body {
            guard discarded == 0, whole.readableBytes + part.readableBytes <= most else {
                // A client that is still sending would not read its answer.
                whole = ByteBuffer()
                discarded += part.readableBytes
                guard discarded <= most else { throw Self.tooLarge(most) }
                continue
            }
            if whole.readableBytes == 0 { whole = part } else { whole.writeBuffer(&part) }
        }
        guard discarded == 0 else { throw Self.tooLarge(most) }
        passage.isBodyRead = true
        passage.bodyByteCount = whole.readableBytes
        if case .none = route.content, whole.readableBytes > 0 {
            throw HoldfastError(.invalid, "\(route.method) \(route.path) takes no body")
        }
        return whole
    }

    /// Reads what is left of a refused body, so that the client gets to read its answer, and ends the connection.
    private func end(_ body: RequestBody, isBegun: Bool) async throws {
        var count = 0
        if !isBegun {
            for try await part in body {
                count += part.readableBytes
                guard count <= environment.live.bodyByteCountMax else { break }
            }
        }
        throw ConnectionEnd()
    }

    @concurrent private func send(_ reply: Reply, _ writer: consuming ResponseWriter, isHead: Bool)
        async throws
    {
        var head = HTTPResponse(status: reply.status, headerFields: reply.headers)
        switch reply.body {
        case .none:
            if reply.status.kind != .informational, reply.status != .noContent, reply.status != .notModified {
                head.headerFields.append(HTTPField(name: .contentLength, value: "0"))
            }
            try await writer.writeResponse(head)
        case .buffer(let buffer):
            head.headerFields.append(HTTPField(name: .contentLength, value: String(buffer.readableBytes)))
            guard !isHead else { return try await writer.writeResponse(head) }
            try await writer.write(response: head, body: ResponseBody(byteBuffer: buffer))
        case .stream(let stream):
            guard !isHead else { return try await writer.writeResponse(head) }
            var body: any ResponseBodyWriter = try await writer.writeHead(head)
            try await stream(&body)
            try await body.finish(nil)
        }
    }

    private func log(_ problem: Problem, _ passage: Passage, _ request: Request) {
        guard problem.status.code >= 500 || problem.isHidden else { return }
        environment.logger.error(
            "\(request.method) \(passage.route?.description.path ?? "?"): \(problem.error)",
            metadata: ["request": "\(passage.requestID)"])
    }

    private func observe(_ passage: Passage, _ request: Request, _ reply: Reply) {
        guard !environment.observers.isEmpty else { return }
        let record = RequestRecord(
            requestID: passage.requestID, method: request.method.rawValue,
            route: passage.route?.description.path, status: reply.status.code,
            code: passage.code?.description, duration: .now - passage.start,
            requestByteCount: passage.bodyByteCount, caller: passage.admission?.caller.name)
        for observer in environment.observers { observer.observe(record) }
    }
}

/// Ends a connection whose answer was sent.
struct ConnectionEnd: Error {}
