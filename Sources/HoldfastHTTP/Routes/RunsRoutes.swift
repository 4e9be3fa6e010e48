internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// Runs of agents and their events.
enum RunsRoutes: RouteFamily {
    static let routes: [Route] = [
        Route(description: listDescription, handler: list),
        Route(description: statsDescription, handler: stats),
        Route(description: saveDescription, handler: save),
        Route(description: readDescription, handler: read),
        Route(description: eventsDescription, handler: events),
        Route(description: addDescription, handler: add),
        Route(description: deleteDescription, handler: delete),
        Route(description: clearDescription, handler: clear),
    ]

    static let ttl = RouteParameter.query(
        "ttl", .seconds,
        "For how many seconds it is kept after it was saved last, with all that belongs to it; nothing is as before."
    )
    static let isUnlimited = RouteParameter.query(
        "unlimited", .flag, "Keeps it until somebody deletes it.", fallback: "false")

    private static func list(_ call: Call) async throws(HoldfastError) -> Reply {
        let filter = RunFilter(
            agent: call.query["agent"], session: call.query["session"], status: call.query["status"])
        let page = try await call.store.runs().list(
            filter, offset: call.query.integer("offset") ?? 0, limit: call.query.integer("limit"),
            after: call.query["cursor"].map { Cursor($0) }, counted: call.query["counted"] != "false",
            try call.callOptions)
        var body = JSONBody(capacity: page.runs.reduce(128) { $0 + $1.json.count + 200 })
        body.object { body in
            body.member("data") { body in
                body.array { body in for run in page.runs { body.value(run) } }
            }
            body.name("next")
            if let next = page.next { body.value(next.description) } else { body.null() }
            body.member("total", page.total)
        }
        var reply = Reply.json(body)
        reply.note(source: page.source, page.degradations)
        return reply
    }

    private static func stats(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.runs().stats(try call.callOptions)
        var body = JSONBody()
        body.object { body in
            body.member("runs", answer.content.runs)
            body.member("sessions", answer.content.sessions)
            body.member("events", answer.content.events)
        }
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func save(_ call: Call) async throws(HoldfastError) -> Reply {
        let json = call.body.bytes
        let id = try JSONMembers(json, as: "the run").text("run_id")
        guard id == call["run"] else {
            throw HoldfastError(
                .invalid, "run_id is \"\(id.prefix(80))\", expected \"\(call["run"])\", as the path has it")
        }
        let condition = try call.writeCondition()
        let receipt = try await call.store.runs().save(
            json, lifetime: call.lifetime, if: condition, try await call.writeOptions())
        let version = receipt.versions.first ?? .zero
        var reply = Reply.receipt(receipt, condition == .absent ? .created : .ok) { body in
            body.member("version", hex: version)
            body.member("time", Timestamp(version))
        }
        reply.note(tag: version)
        return reply
    }

    private static func read(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.runs().run(call["run"], try call.callOptions)
        guard let run = answer.content else {
            throw HoldfastError(.notFound, "there is no run \"\(call["run"])\"")
        }
        return .stored(
            run.json, version: run.version, time: run.savedAt, expiresAt: run.expiresAt, to: call,
            source: answer.source, answer.degradations)
    }

    private static func events(_ call: Call) async throws(HoldfastError) -> Reply {
        let page = try await call.store.runs().events(
            of: call["run"], limit: call.query.integer("limit"), offset: call.query.integer("offset") ?? 0,
            after: call.query.version("after"), try call.callOptions)
        return .page(
            page, next: page.next.map { $0.description.filter { $0 != "-" } },
            byteCount: { $0.json.count + 120 }
        ) { body, event in
            body.object { body in
                body.member("id", hex: event.id)
                body.member("time", event.time)
                body.member("value", json: event.json)
            }
        }
    }

    private static func add(_ call: Call) async throws(HoldfastError) -> Reply {
        .ids(
            try await call.store.runs(lifetime: call.query.seconds("ttl")).add(
                try call.messages(), to: call["run"], try await call.writeOptions()))
    }

    private static func delete(_ call: Call) async throws(HoldfastError) -> Reply {
        .version(
            try await call.store.runs().delete(
                call["run"], if: try call.writeCondition(), try await call.writeOptions()))
    }

    private static func clear(_ call: Call) async throws(HoldfastError) -> Reply {
        try await call.store.runs().clear(try await call.writeOptions())
        call.audit("clear runs")
        return Reply(.noContent)
    }
}

extension Call {
    /// How long what is saved is kept.
    var lifetime: Lifetime {
        if query.flag("unlimited") { return .unlimited }
        return query.seconds("ttl").map { .after($0) } ?? .unchanged
    }
}

extension JSONBody {
    /// Writes a run.
    fileprivate mutating func value(_ run: Run) {
        object { body in
            body.member("id", run.id)
            body.member("version", hex: run.version)
            body.member("time", run.savedAt)
            body.member("expiresAt", run.expiresAt)
            body.member("value", json: run.json)
        }
    }
}

extension RunsRoutes {
    private static let run = RouteParameter.path("run", "The `run_id` of a run, percent-encoded.")
    private static let offset = RouteParameter.query(
        "offset", .integer, "How many to leave out, 0 to 100 000.", fallback: "0", bounds: 0...100_000)
    private static let example =
        #"{"run_id":"run-1","agent_name":"summarizer","session_id":"s-1","status":"created"}"#

    private static let listDescription = RouteDescription(
        method: .get, path: "/v1/runs", id: "listRuns",
        summary: "Pages through runs, newest first; filters that are given must all hold.", access: .read,
        parameters: [
            .query("agent", .text, "Only runs of this agent."),
            .query("session", .text, "Only runs of this session."),
            .query("status", .text, "Only runs in this status."), offset, .limit, .cursor,
            .query("counted", .flag, "Whether to count all runs that are found.", fallback: "true"),
        ], outcome: .json("A page of runs, and their total.", .page),
        examples: [
            RouteExample(
                target: "/v1/runs?agent=nobody&session=none", answer: #"{"data":[],"next":null,"total":0}"#)
        ])
    private static let statsDescription = RouteDescription(
        method: .get, path: "/v1/run-stats", id: "getRunStats",
        summary: "Counts runs, sessions of runs and events.", access: .read,
        outcome: .json("How many there are."),
        examples: [RouteExample(target: "/v1/run-stats", answer: #"{"runs":"#)])
    private static let saveDescription = RouteDescription(
        method: .put, path: "/v1/runs/{run}", id: "saveRun",
        summary: "Saves a run, in place of what is there; its events and its session live as long as it.",
        access: .write, parameters: [run, ttl, isUnlimited, .ifMatch, .ifNoneMatch] + RouteParameter.writing,
        content: .json("An object with `run_id` and `agent_name`; it comes back byte for byte."),
        shape: .object,
        outcome: .json("The version of the run, which is its ETag as well.", .version), statuses: [200, 201],
        examples: [
            RouteExample(target: "/v1/runs/run-1", body: example, answer: #"{"version":""#),
            RouteExample(
                target: "/v1/runs/run-1", headers: [("If-None-Match", "*")], body: example, status: 412,
                answer: #"{"type":"urn:holdfast:error:conflict""#),
            RouteExample(target: "/v1/runs/run-2", body: example, status: 400),
        ])
    private static let readDescription = RouteDescription(
        method: .get, path: "/v1/runs/{run}", id: "getRun",
        summary: "Reads a run as it was saved.", access: .read, parameters: [run, .ifNoneMatchRead],
        outcome: .value("The run, byte for byte."),
        examples: [
            RouteExample(target: "/v1/runs/run-1", answer: example),
            RouteExample(target: "/v1/runs/none", status: 404),
        ])
    private static let eventsDescription = RouteDescription(
        method: .get, path: "/v1/runs/{run}/events", id: "listRunEvents",
        summary: "Pages through the events of a run, oldest first.", access: .read,
        parameters: [
            run, .limit, offset, .query("after", .version, "Only events after the one with this id."),
        ],
        outcome: .json("A page of events; `next` is the id after which the next begins.", .page),
        examples: [RouteExample(target: "/v1/runs/none/events", answer: #"{"data":[],"next":null}"#)])
    private static let addDescription = RouteDescription(
        method: .post, path: "/v1/runs/{run}/events", id: "addRunEvents",
        summary: "Adds one event to a run or many, all or none; a run that nobody saved takes them too.",
        access: .write,
        parameters: [run, .query("ttl", .seconds, "How long events of a run that nobody saved are kept.")]
            + RouteParameter.writing,
        content: .json("An event, an object with `type`, or an array of events."),
        outcome: .json("The ids of the events.", .ids),
        examples: [
            RouteExample(
                target: "/v1/runs/run-1/events", body: #"{"type":"run.created","run_id":"run-1"}"#,
                answer: #"{"ids":[""#),
            RouteExample(target: "/v1/runs/run-1/events", body: "{}", status: 400),
        ])
    private static let deleteDescription = RouteDescription(
        method: .delete, path: "/v1/runs/{run}", id: "deleteRun",
        summary: "Deletes a run with its events, in one step; that there is none is not an error.",
        access: .write, parameters: [run, .ifMatch] + RouteParameter.writing,
        outcome: .json("The version of the removal.", .version),
        examples: [RouteExample(target: "/v1/runs/run-1", answer: #"{"version":""#)])
    private static let clearDescription = RouteDescription(
        method: .delete, path: "/v1/runs", id: "clearRuns",
        summary: "Deletes every run, session of runs and event.", access: .admin,
        parameters: RouteParameter.writingInSteps, outcome: .empty("Everything is deleted."),
        examples: [RouteExample(target: "/v1/runs", status: 204)])
}
