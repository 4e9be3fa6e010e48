internal import HTTPTypes
internal import HoldfastModel
internal import InMemoryTracing
internal import Instrumentation
internal import Tracing

extension ServerEnvironment {
    /// Answers a call inside a span that goes on with the trace of its caller.
    ///
    /// The names are those of the OpenTelemetry conventions for HTTP servers.
    func traced(
        _ call: Call, _ body: () async throws(HoldfastError) -> Reply
    ) async throws(HoldfastError) -> Reply {
        guard let tracer else { return try await body() }
        var context = InstrumentationContext.topLevel
        tracer.extract(call.request.headerFields, into: &context, using: HeaderExtractor())
        let span = tracer.startSpan(
            "\(call.route.description.method) \(call.route.description.path)", context: context,
            ofKind: .server)
        defer { span.end() }
        span.updateAttributes { attributes in
            attributes["http.request.method"] = call.route.description.method.rawValue
            attributes["http.route"] = call.route.description.path
            attributes["holdfast.request_id"] = call.requestID
        }
        do throws(HoldfastError) {
            let reply = try await body()
            span.updateAttributes { $0["http.response.status_code"] = reply.status.code }
            return reply
        } catch {
            span.updateAttributes { $0["error.type"] = error.code.description }
            span.setStatus(SpanStatus(code: .error))
            throw error
        }
    }
}

private struct HeaderExtractor: Extractor {
    func extract(key: String, from headers: HTTPFields) -> String? {
        HTTPField.Name(key).flatMap { headers[$0] }
    }
}
