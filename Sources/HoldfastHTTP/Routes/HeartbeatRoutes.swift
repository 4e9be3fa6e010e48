internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

/// When agents last showed that they were alive.
enum HeartbeatRoutes: RouteFamily {
    static let routes: [Route] = [
        Route(description: listDescription, handler: list),
        Route(description: writeDescription, handler: write),
        Route(description: readDescription, handler: read),
    ]

    private static func list(_ call: Call) async throws(HoldfastError) -> Reply {
        let page = try await call.store.threads().heartbeats(
            limit: call.query.integer("limit"), after: call.query["cursor"].map { Cursor($0) },
            try call.callOptions)
        return .page(page, next: page.next?.description, byteCount: { $0.agent.utf8.count + 120 }) {
            body, heartbeat in body.value(heartbeat)
        }
    }

    private static func write(_ call: Call) async throws(HoldfastError) -> Reply {
        guard let time = try call.bodyObject(["last_ping_pong_time"])["last_ping_pong_time"]?.double else {
            throw HoldfastError(
                .invalid, "last_ping_pong_time is missing or no number, expected seconds since 1970")
        }
        return .version(
            try await call.store.threads().beat(
                call["agent"], lastPingPongTime: time, try await call.writeOptions()))
    }

    private static func read(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.threads().heartbeat(of: call["agent"], try call.callOptions)
        guard let heartbeat = answer.content else {
            throw HoldfastError(.notFound, "there is no heartbeat of \"\(call["agent"])\"")
        }
        var body = JSONBody()
        body.value(heartbeat)
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static let agent = RouteParameter.path("agent", "The name of an agent, percent-encoded.")
    private static let listDescription = RouteDescription(
        method: .get, path: "/v1/heartbeats", id: "listHeartbeats",
        summary: "Pages through the heartbeats of agents.", access: .read, parameters: [.limit, .cursor],
        outcome: .json("A page of heartbeats.", .page),
        examples: [RouteExample(target: "/v1/heartbeats", answer: #"{"data":["#)])
    private static let writeDescription = RouteDescription(
        method: .put, path: "/v1/heartbeats/{agent}", id: "putHeartbeat",
        summary: "Says that an agent is alive.", access: .write, parameters: [agent] + RouteParameter.writing,
        content: .json("An object with `last_ping_pong_time`, in seconds since 1970."), shape: .object,
        outcome: .json("The version of the heartbeat.", .version),
        examples: [
            RouteExample(
                target: "/v1/heartbeats/helper", body: #"{"last_ping_pong_time":1767325200.25}"#,
                answer: #"{"version":""#)
        ])
    private static let readDescription = RouteDescription(
        method: .get, path: "/v1/heartbeats/{agent}", id: "getHeartbeat",
        summary: "Says when an agent was last heard of.", access: .read, parameters: [agent],
        outcome: .json("The heartbeat."),
        examples: [
            RouteExample(
                target: "/v1/heartbeats/helper",
                answer: #"{"agent_name":"helper","last_ping_pong_time":1767325200.25"#),
            RouteExample(target: "/v1/heartbeats/nobody", status: 404),
        ])
}

extension JSONBody {
    fileprivate mutating func value(_ heartbeat: Heartbeat) {
        var number = JSONWriter()
        number.value(heartbeat.lastPingPongTime)
        object { body in
            body.member("agent_name", heartbeat.agent)
            body.member("last_ping_pong_time", json: Bytes(number.bytes))
            body.member("time", heartbeat.writtenAt)
        }
    }
}
