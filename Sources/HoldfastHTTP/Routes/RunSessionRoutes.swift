internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// Sessions that runs share: a history and any state.
enum RunSessionRoutes: RouteFamily {
    static let routes: [Route] = [
        Route(description: readDescription, handler: read),
        Route(description: saveDescription, handler: save),
        Route(description: historyDescription, handler: history),
        Route(description: appendDescription, handler: append),
        Route(description: deleteDescription, handler: delete),
    ]

    private static func read(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.runs().session(call["session"], try call.callOptions)
        guard let session = answer.content else {
            throw HoldfastError(.notFound, "there is no session \"\(call["session"])\"")
        }
        return .stored(
            session.json, version: session.version, time: Timestamp(session.version),
            expiresAt: session.expiresAt, to: call, source: answer.source, answer.degradations)
    }

    private static func save(_ call: Call) async throws(HoldfastError) -> Reply {
        let json = call.body.bytes
        let id = try JSONMembers(json, as: "the session").text("id")
        guard id == call["session"] else {
            throw HoldfastError(
                .invalid, "id is \"\(id.prefix(80))\", expected \"\(call["session"])\", as the path has it")
        }
        var save: SessionSave = call.query.flag("overwrite") ? .overwriting : .extending
        switch try call.writeCondition() {
        case .version(let version): save = .ifUnchanged(since: version)
        case .absent: save = .ifUnchanged(since: .zero)
        case nil: break
        }
        let receipt = try await call.store.runs().save(
            session: json, save, lifetime: call.lifetime, try await call.writeOptions())
        var reply = Reply.version(receipt)
        reply.note(tag: receipt.id)
        return reply
    }

    private static func history(_ call: Call) async throws(HoldfastError) -> Reply {
        .messages(
            try await call.store.runs().history(
                of: call["session"], try call.messageRange(), try call.callOptions))
    }

    private static func append(_ call: Call) async throws(HoldfastError) -> Reply {
        .ids(
            try await call.store.runs(lifetime: call.query.seconds("ttl")).append(
                try call.messages(), to: call["session"], try await call.writeOptions()))
    }

    private static func delete(_ call: Call) async throws(HoldfastError) -> Reply {
        .version(
            try await call.store.runs().deleteSession(call["session"], try await call.writeOptions()))
    }
}

extension RunSessionRoutes {
    private static let session = RouteParameter.path("session", "The `id` of a session, percent-encoded.")
    private static let example = #"{"id":"s-1","history":[{"role":"user","parts":[]}],"state":false}"#
    private static let target = "/v1/run-sessions/s-1"

    private static let readDescription = RouteDescription(
        method: .get, path: "/v1/run-sessions/{session}", id: "getRunSession",
        summary: "Reads a session with its whole history.", access: .read,
        parameters: [session, .ifNoneMatchRead],
        outcome: .value("The session as it was saved, with the messages that were added since."),
        examples: [RouteExample(target: "/v1/run-sessions/none", status: 404)])
    private static let saveDescription = RouteDescription(
        method: .put, path: "/v1/run-sessions/{session}", id: "saveRunSession",
        summary:
            "Saves a session as the difference to what is stored; refused where it would drop stored messages.",
        access: .write,
        parameters: [
            session, RunsRoutes.ttl, RunsRoutes.isUnlimited, .ifMatch, .ifNoneMatch,
            .query(
                "overwrite", .flag, "Removes stored messages that this session does not have.",
                fallback: "false"),
        ] + RouteParameter.writing,
        content: .json("An object with `id`; `history` is an array, `state` any JSON."), shape: .object,
        outcome: .json("The version of the session, which is its ETag as well.", .version),
        examples: [
            RouteExample(target: target, body: example, answer: #"{"version":""#),
            RouteExample(
                target: target, body: #"{"id":"s-1","history":[]}"#, status: 409,
                answer: #"{"type":"urn:holdfast:error:conflict""#),
        ])
    private static let historyDescription = RouteDescription(
        method: .get, path: "/v1/run-sessions/{session}/history", id: "listRunSessionHistory",
        summary: "Pages through the history of a session.", access: .read,
        parameters: [session, .messageOrder, .limit, .cursor, .after, .before],
        outcome: .json("A page of messages.", .page),
        examples: [RouteExample(target: target + "/history?limit=1", answer: #"{"data":[{"id":""#)])
    private static let appendDescription = RouteDescription(
        method: .post, path: "/v1/run-sessions/{session}/history", id: "appendRunSessionHistory",
        summary:
            "Adds one message to a session or many, all or none, and makes the session if there is none.",
        access: .write,
        parameters: [session, .query("ttl", .seconds, "How long a session is kept after each message.")]
            + RouteParameter.writing,
        content: .json("A message, or an array of messages."),
        outcome: .json("The ids of the messages.", .ids),
        examples: [
            RouteExample(
                target: target + "/history", body: #"{"role":"agent","parts":[]}"#, answer: #"{"ids":[""#)
        ])
    private static let deleteDescription = RouteDescription(
        method: .delete, path: "/v1/run-sessions/{session}", id: "deleteRunSession",
        summary: "Deletes a session with its history; that there is none is not an error.", access: .write,
        parameters: [session] + RouteParameter.writing,
        outcome: .json("The version of the removal.", .version),
        examples: [RouteExample(target: target, answer: #"{"version":""#)])
}
