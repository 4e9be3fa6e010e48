internal import HTTPTypes
internal import Holdfast
internal import HoldfastChain
internal import HoldfastModel

/// What agents have one or many of, with the same two routes each.
private struct AgentRecords: Sendable {
    typealias Load =
        @Sendable (Agents, String, CallOptions) async throws(HoldfastError) -> Page<
            AgentEntry, ListRange
        >
    typealias Save = @Sendable (Agents, Bytes, String, WriteOptions) async throws(HoldfastError) -> Receipt

    let word: String
    let name: String
    let noun: String
    let example: String
    let load: Load
    let save: Save

    var routes: [Route] {
        [
            Route(
                description: RouteDescription(
                    method: .get, path: "\(AgentRoutes.path)/\(word)", id: "listAgent\(name)",
                    summary: "Reads every \(noun) of an agent in the order of `timestamp`.", access: .read,
                    parameters: [.agent], outcome: .json("All of them."),
                    examples: [
                        RouteExample(target: "/v1/agents/nobody/\(word)", answer: #"{"data":[],"next":null}"#)
                    ])
            ) { (call) async throws(HoldfastError) in
                .agentPage(try await load(call.agents, call.agent, try call.callOptions), next: nil)
            },
            Route(
                description: RouteDescription(
                    method: .post, path: "\(AgentRoutes.path)/\(word)", id: "append\(name)ToAgent",
                    summary: "Appends a \(noun) of an agent; no other is replaced.", access: .write,
                    parameters: [.agent] + RouteParameter.writing,
                    content: .json("An object with a whole `timestamp`."), shape: .object,
                    outcome: .json("The new id."),
                    examples: [
                        RouteExample(
                            target: "\(AgentRoutes.example)/\(word)", body: example, answer: #"{"ids":[""#)
                    ])
            ) { (call) async throws(HoldfastError) in
                .ids(try await save(call.agents, call.body.bytes, call.agent, try await call.writeOptions()))
            },
        ]
    }
}

extension AgentRoutes {
    static let recordRoutes =
        [
            AgentRecords(
                word: "windows", name: "Windows", noun: "history window",
                example: #"{"id":"window-1","messages":[],"timestamp":1767325300000}"#,
                load: { (agents, agent, options) async throws(HoldfastError) in
                    try await agents.loadHistoryWindows(of: agent, options)
                },
                save: { (agents, json, agent, options) async throws(HoldfastError) in
                    try await agents.saveHistoryWindow(json, of: agent, options)
                }),
            AgentRecords(
                word: "compressions", name: "Compressions", noun: "compression record",
                example: #"{"id":"comp-1","windowId":"window-1","ratio":0.38,"timestamp":1767325300000}"#,
                load: { (agents, agent, options) async throws(HoldfastError) in
                    try await agents.loadCompressionRecords(of: agent, options)
                },
                save: { (agents, json, agent, options) async throws(HoldfastError) in
                    try await agents.saveCompressionRecord(json, of: agent, options)
                }),
            AgentRecords(
                word: "files", name: "Files", noun: "recovered file",
                example:
                    #"{"path":"/repo/a.c","content":"int a;","mtime":1767325.25,"timestamp":1767325300000}"#,
                load: { (agents, agent, options) async throws(HoldfastError) in
                    try await agents.loadRecoveredFiles(of: agent, options)
                },
                save: { (agents, json, agent, options) async throws(HoldfastError) in
                    try await agents.saveRecoveredFile(json, of: agent, options)
                }),
        ].flatMap(\.routes) + [readTodos, saveTodos, readMedia, saveMedia]

    private static let readTodos = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/todos", id: "getAgentTodos",
            summary: "Reads the todos of an agent: the JSON as it came.", access: .read,
            parameters: [.agent, .ifNoneMatchRead], outcome: .value("The snapshot of todos, byte for byte."),
            examples: [
                RouteExample(
                    target: "/v1/agents/nobody/todos", status: 404,
                    answer: #"{"type":"urn:holdfast:error:not_found""#)
            ])
    ) { (call) async throws(HoldfastError) in
        let answer = try await call.agents.loadTodos(of: call.agent, try call.callOptions)
        guard let todos = answer.content else {
            throw HoldfastError(.notFound, "agent \"\(call.agent)\" has no todos")
        }
        return .stored(
            todos.json, version: todos.version, time: todos.time, to: call, source: answer.source,
            answer.degradations)
    }

    private static let saveTodos = Route(
        description: RouteDescription(
            method: .put, path: "\(path)/todos", id: "putAgentTodos",
            summary: "Writes the todos of an agent, in place of those that are there.", access: .write,
            parameters: [.agent, .ifMatch, .ifNoneMatch] + RouteParameter.writing,
            content: .json("An object with an array `todos`."), shape: .object,
            outcome: .json("The version of the todos, which is their ETag as well.", .version),
            examples: [
                RouteExample(
                    target: "\(example)/todos", body: #"{"todos":[],"version":1}"#, answer: #"{"version":""#)
            ])
    ) { (call) async throws(HoldfastError) in
        .written(
            try await call.agents.saveTodos(
                call.body.bytes, of: call.agent, if: try call.writeCondition(), try await call.writeOptions())
        )
    }

    private static let readMedia = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/media", id: "listAgentMedia",
            summary: "Reads the records of an agent's media cache.", access: .read, parameters: [.agent],
            outcome: .json("All records as they came."),
            examples: [RouteExample(target: "/v1/agents/nobody/media", answer: #"{"data":[],"next":null}"#)])
    ) { (call) async throws(HoldfastError) in
        let answer = try await call.agents.loadMediaCache(of: call.agent, try call.callOptions)
        var body = JSONBody()
        body.object { body in
            body.member("data") { body in
                body.array { body in for record in answer.content { body.value(json: record) } }
            }
            body.name("next")
            body.null()
        }
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static let saveMedia = Route(
        description: RouteDescription(
            method: .put, path: "\(path)/media", id: "putAgentMedia",
            summary: "Makes the records of an agent's media cache be these.", access: .write,
            parameters: [.agent, .ifMatch, .ifNoneMatch] + RouteParameter.writing,
            content: .json("All records; each an object with a `key`."),
            outcome: .json("The version of the cache, which is its ETag as well.", .version),
            examples: [
                RouteExample(
                    target: "\(example)/media", body: #"[{"key":"sha256:9f"}]"#, answer: #"{"version":""#)
            ])
    ) { (call) async throws(HoldfastError) in
        .written(
            try await call.agents.saveMediaCache(
                try call.wholeList(), of: call.agent, if: try call.writeCondition(),
                try await call.writeOptions()))
    }
}
