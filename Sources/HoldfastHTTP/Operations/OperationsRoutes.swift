internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport
internal import NIOCore

/// What operators and their tools ask: is it alive, does it serve, how is it.
enum OperationsRoutes: RouteFamily {
    static var routes: [Route] { [healthz, readyz, metrics, status] }

    private static let healthz = Route(
        description: RouteDescription(
            method: .get, path: "/healthz", id: "isAlive",
            summary: "Says that the process answers; says nothing of the backends.", access: .open,
            outcome: .json("The word."),
            examples: [RouteExample(target: "/healthz", answer: #"{"status":"alive"}"#)])
    ) { _ in
        var body = JSONBody(capacity: 32)
        body.object { $0.member("status", "alive") }
        return .json(body)
    }

    private static let readyz = Route(
        description: RouteDescription(
            method: .get, path: "/readyz", id: "isReady",
            summary:
                "Says whether reads and writes are taken, with 200 or 503, and how each provider is.",
            access: .open, outcome: .json("How the chain and its providers are."),
            examples: [RouteExample(target: "/readyz", answer: #"{"status":"ready""#)])
    ) { call in
        let status = await call.store.status()
        let isReady = status.isReadable && status.isWritable
        var body = JSONBody()
        body.object { body in
            body.member("status", isReady ? "ready" : status.isReadable ? "read_only" : "unavailable")
            write(status, to: &body, call.caller.sight)
        }
        return .json(body, isReady ? .ok : .serviceUnavailable)
    }

    private static let metrics = Route(
        description: RouteDescription(
            method: .get, path: "/metrics", id: "metrics",
            summary: "Metrics in the text format of Prometheus.", access: .read,
            outcome: .text("Families of samples."), examples: [RouteExample(target: "/metrics")])
    ) { call in
        var text = MetricsText()
        let isOfTenant = call.caller.tenant != nil
        if !isOfTenant { ProcessMetrics.write(version: Release.version, to: &text) }
        await StoreMetrics(call.store).write(to: &text, isOfTenant: isOfTenant)
        guard !isOfTenant else {
            return Reply(.ok, .buffer(ByteBuffer(string: text.text)), type: MetricsText.mediaType)
        }
        for case let requests as RequestMetrics in call.environment.observers { requests.write(to: &text) }
        return Reply(.ok, .buffer(ByteBuffer(string: text.text)), type: MetricsText.mediaType)
    }

    private static let status = Route(
        description: RouteDescription(
            method: .get, path: "/v1/status", id: "status",
            summary: "How the chain and its providers are, with every figure and the last errors.",
            access: .admin, outcome: .json("How the chain and its providers are."),
            examples: [RouteExample(target: "/v1/status")])
    ) { call in
        let status = await call.store.status()
        var body = JSONBody(capacity: 2048)
        body.object { write(status, to: &$0, call.caller.sight) }
        return .json(body)
    }

    private static func write(_ status: BackendStatus, to body: inout JSONBody, _ sight: Caller.Sight) {
        body.member("name", status.name)
        body.member("writable", status.isWritable)
        body.member("readable", status.isReadable)
        body.member("members") { body in
            body.array { body in
                for member in status.members { write(member, to: &body, sight) }
            }
        }
    }

    private static func write(_ member: BackendStatus.Member, to body: inout JSONBody, _ sight: Caller.Sight)
    {
        body.object { body in
            body.member("name", member.name)
            body.member("type", member.type)
            body.member("role", member.role)
            body.member("state", member.state)
            body.member("last_error_time", member.lastErrorTime.map(Timestamp.init(unixMilliseconds:)))
            guard sight != .states else { return }
            body.member("mark", member.mark)
            body.member("lag", member.lag)
            body.member("lag_ms", member.lagDuration.map { Int64($0 / .milliseconds(1)) })
            guard sight == .errors else { return }
            body.member("last_error", member.lastError)
            body.member("figures") { body in
                var writer = JSONWriter()
                writer.object { object in
                    for (name, value) in member.figures.sorted(by: { $0.key < $1.key }) {
                        if let whole = Int64(exactly: value) {
                            object.member(name, whole)
                        } else {
                            object.member(name, value)
                        }
                    }
                }
                body.value(json: writer.bytes)
            }
        }
    }
}
