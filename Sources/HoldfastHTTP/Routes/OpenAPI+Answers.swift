internal import HTTPTypes
internal import HoldfastSupport

/// What requests and answers look like.
extension OpenAPI {
    /// The answers of a route.
    static func responses(_ route: RouteDescription, _ writer: inout JSONWriter) {
        writer.object { writer in
            success(of: route, &writer)
            if route.method == .get, route.parameters.contains(where: { $0.name == "If-None-Match" }) {
                writer.member("304") { writer in
                    answer("The reader has what is stored; without a body.", [], .any, &writer)
                }
            }
            if route.path == "/readyz" {
                // The same answer says what is not ready.
                writer.member("503") { writer in
                    answer("Reads or writes are refused.", [Reply.MediaType.json], .object, &writer)
                }
            }
            let error = route.wording == .openAI ? "OpenAIError" : "Problem"
            writer.member("default") { $0.object { $0.member("$ref", "#/components/responses/\(error)") } }
        }
    }

    private static func success(of route: RouteDescription, _ writer: inout JSONWriter) {
        var shape = RouteDescription.AnswerShape.any
        let (summary, types): (String, [String])
        switch route.outcome {
        case .json(let text, let form): (summary, types, shape) = (text, [Reply.MediaType.json], form)
        case .value(let text): (summary, types) = (text, [Reply.MediaType.json, Reply.MediaType.bytes])
        case .events(let text): (summary, types) = (text, [Reply.MediaType.events])
        case .text(let text, let forms): (summary, types) = (text, forms)
        case .empty(let text): (summary, types) = (text, [])
        }
        for status in types.isEmpty ? [204] : route.statuses {
            writer.member("\(status)") { writer in answer(summary, types, shape, &writer) }
        }
    }

    private static func answer(
        _ summary: String, _ types: [String], _ shape: RouteDescription.AnswerShape,
        _ writer: inout JSONWriter
    ) {
        writer.object { writer in
            writer.member("description", summary)
            let isStream = types.contains(Reply.MediaType.events)
            writer.member("headers", json: Array((isStream ? streamHeaders : headers).utf8))
            guard !types.isEmpty else { return }
            writer.member("content") { writer in
                writer.object { writer in
                    for type in types { media(type, schema: schema(of: shape, in: type), nil, &writer) }
                }
            }
        }
    }

    private static func schema(of shape: RouteDescription.AnswerShape, in type: String) -> String {
        if type == Reply.MediaType.json { return schema(of: shape) }
        return isText(type) ? stringSchema : "{}"
    }

    private static func isText(_ type: String) -> Bool { type.hasPrefix("text/") }

    private static let stringSchema = #"{"type":"string"}"#

    /// The schema of a body.
    static func schema(of shape: RouteDescription.BodyShape) -> String {
        shape == .any ? "{}" : #"{"type":"\#(shape.rawValue)"}"#
    }

    private static func schema(of shape: RouteDescription.AnswerShape) -> String {
        switch shape {
        case .any: "{}"
        case .object: #"{"type":"object"}"#
        case .array: #"{"type":"array"}"#
        case .page: ##"{"$ref":"#/components/schemas/Page"}"##
        case .version: ##"{"$ref":"#/components/schemas/Written"}"##
        case .ids: ##"{"$ref":"#/components/schemas/Appended"}"##
        }
    }

    /// See `Reply`: each answer has the name of its request, the others where they say something.
    private static let headers = ##"""
        {"X-Request-Id":{"$ref":"#/components/headers/RequestId"},\##
        "ETag":{"$ref":"#/components/headers/ETag"},\##
        "Holdfast-Source":{"$ref":"#/components/headers/Source"},\##
        "Holdfast-Level":{"$ref":"#/components/headers/Level"},\##
        "Holdfast-Replay":{"$ref":"#/components/headers/Replay"},\##
        "Holdfast-Time":{"$ref":"#/components/headers/Time"},\##
        "Holdfast-Edited-At":{"$ref":"#/components/headers/Time"},\##
        "Holdfast-Expires-At":{"$ref":"#/components/headers/Time"},\##
        "Holdfast-Searched-By":{"$ref":"#/components/headers/SearchedBy"},\##
        "Holdfast-Degraded":{"$ref":"#/components/headers/Degraded"}}
        """##

    /// See `EventStream.reply`.
    private static let streamHeaders = ##"""
        {"X-Request-Id":{"$ref":"#/components/headers/RequestId"},\##
        "Cache-Control":{"description":"`no-store`.","schema":{"type":"string"}},\##
        "X-Accel-Buffering":{"description":"`no`: proxies pass events on as they come.",\##
        "schema":{"type":"string"}}}
        """##

    /// See `Problem.reply(requestID:)`, `Responder`, `Gate`.
    private static let failureHeaders = ##"""
        {"X-Request-Id":{"$ref":"#/components/headers/RequestId"},\##
        "ETag":{"$ref":"#/components/headers/ETag"},\##
        "Holdfast-Source":{"$ref":"#/components/headers/Source"},\##
        "Holdfast-Degraded":{"$ref":"#/components/headers/Degraded"},\##
        "Retry-After":{"$ref":"#/components/headers/RetryAfter"},\##
        "Allow":{"$ref":"#/components/headers/Allow"},\##
        "Accept-Encoding":{"$ref":"#/components/headers/AcceptEncoding"},\##
        "WWW-Authenticate":{"$ref":"#/components/headers/Authenticate"}}
        """##

    /// See `Problem.reply(requestID:)`, `OpenAIError.reply`, `JSONBody`.
    static let components = ##"""
        {"securitySchemes":{"token":{"type":"http","scheme":"bearer"}},\##
        "headers":{\##
        "RequestId":{"required":true,"description":"What logs and errors call the request.",\##
        "schema":{"type":"string","minLength":1}},\##
        "ETag":{"description":"The version that was read or written, in quotes; of a page of a list, its last id and a digest.",\##
        "schema":{"type":"string","pattern":"^\"[0-9a-f]{32}(\\.[0-9a-f]{16})?\"$"}},\##
        "Source":{"description":"The provider that answered a read.","schema":{"type":"string","minLength":1}},\##
        "Level":{"description":"The level that a write has reached.",\##
        "schema":{"type":"string","enum":["primary","log","all"]}},\##
        "Replay":{"description":"The answer of an earlier write with the same idempotency key.",\##
        "schema":{"type":"boolean","enum":[true]}},\##
        "Time":{"description":"When the value was written, was edited, or goes by itself.",\##
        "schema":{"type":"string","minLength":1}},\##
        "SearchedBy":{"description":"How the hits were found.",\##
        "schema":{"type":"string","enum":["index","scan"]}},\##
        "RetryAfter":{"description":"After how many seconds a retry is of use.",\##
        "schema":{"type":"integer","minimum":1}},\##
        "Allow":{"description":"With 405, the methods that the path takes.","schema":{"type":"string"}},\##
        "AcceptEncoding":{"description":"With 415, that bodies come as they are.","schema":{"type":"string"}},\##
        "Authenticate":{"description":"With 401, how to say who asks.","schema":{"type":"string"}},\##
        "Degraded":{"description":"What the answer had to do without, separated by commas.",\##
        "schema":{"type":"string","minLength":1}}},\##
        "responses":{\##
        "Problem":{"description":"An error.","headers":
        """## + failureHeaders + ##"""
            ,"content":{"application/problem+json":{\##
            "schema":{"$ref":"#/components/schemas/Problem"}}}},\##
            "OpenAIError":{"description":"An error, as OpenAI's API words it.","headers":
            """## + failureHeaders + ##"""
            ,"content":{"application/json":{\##
            "schema":{"$ref":"#/components/schemas/OpenAIError"}}}}},\##
            "schemas":{\##
            "Version":{"type":"string","pattern":"^[0-9a-f]{32}$"},\##
            "Page":{"type":"object","required":["data","next"],"properties":{\##
            "data":{"type":"array"},"next":{"type":["string","null"]}}},\##
            "Written":{"type":"object","required":["version"],"properties":{\##
            "version":{"$ref":"#/components/schemas/Version"}}},\##
            "Appended":{"type":"object","required":["ids"],"properties":{\##
            "ids":{"type":"array","items":{"$ref":"#/components/schemas/Version"}}}},\##
            "OpenAIError":{"type":"object","required":["error"],"properties":{"error":{"type":"object",\##
            "required":["message","type","param","code"],"properties":{"message":{"type":"string"},\##
            "type":{"type":"string"},"param":{"type":["string","null"]},"code":{"type":["string","null"]}}}}},\##
            "Problem":{"type":"object",\##
            "required":["type","title","status","detail","code","requestId","retryable"],"properties":{\##
            "type":{"type":"string"},"title":{"type":"string"},"status":{"type":"integer"},"detail":{"type":"string"},\##
            "code":{"type":"string","enum":["invalid","not_found","conflict","stale","unsupported","unavailable",\##
            "timeout","exhausted","permission","corrupt","cancelled","internal"]},\##
            "requestId":{"type":"string"},"retryable":{"type":"boolean"},"maybeApplied":{"type":"boolean"},\##
            "retryAfter":{"type":"integer"},"current":{"type":["string","null"]}}}}}
            """##
}
