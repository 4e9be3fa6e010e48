internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// What agents keep: infos, messages, tool calls, events, snapshots, and what is asked of them.
enum AgentRoutes: RouteFamily {
    static let routes: [Route] =
        [list, read, write, delete] + messageRoutes + toolCallRoutes + recordRoutes + eventRoutes
        + snapshotRoutes + queryRoutes + operationRoutes

    /// The path of one agent.
    static let path = "/v1/agents/{agent}"

    /// The agent of the examples.
    static let example = "/v1/agents/example"

    private static let list = Route(
        description: RouteDescription(
            method: .get, path: "/v1/agents", id: "listAgents",
            summary: "Lists the agents that have an info, in the order of their names.", access: .read,
            parameters: [.namePrefix, .limit, .cursor], outcome: .json("A page of names.", .page),
            examples: [RouteExample(target: "/v1/agents?prefix=no%2F", answer: #"{"data":[],"next":null}"#)])
    ) { (call) async throws(HoldfastError) in
        let page = try await call.agents.list(
            prefix: call.query["prefix"] ?? "", limit: call.query.integer("limit"),
            after: call.query["cursor"].map { Cursor($0) }, try call.callOptions)
        return .page(page, next: page.next?.description, byteCount: { $0.utf8.count + 3 }) { body, name in
            body.value(name)
        }
    }

    private static let read = Route(
        description: RouteDescription(
            method: .get, path: path, id: "getAgent",
            summary: "Reads the info of an agent: its JSON as it came, what is known of it in headers.",
            access: .read, parameters: [.agent, .ifNoneMatchRead],
            outcome: .value("The info, byte for byte."),
            examples: [
                RouteExample(
                    target: "/v1/agents/nobody", status: 404,
                    answer: #"{"type":"urn:holdfast:error:not_found""#)
            ])
    ) { (call) async throws(HoldfastError) in
        let answer = try await call.agents.loadInfo(of: call.agent, try call.callOptions)
        guard let info = answer.content else {
            throw HoldfastError(.notFound, "there is no agent \"\(call.agent)\"")
        }
        return .stored(
            info.json, version: info.version, time: info.time, to: call, source: answer.source,
            answer.degradations)
    }

    private static let write = Route(
        description: RouteDescription(
            method: .put, path: path, id: "putAgent",
            summary: "Writes the info of an agent, in place of the one that is there.", access: .write,
            parameters: [.agent, .ifMatch, .ifNoneMatch] + RouteParameter.writing,
            content: .json(
                "An object with `agentId`, the agent's name, `templateId`, and `createdAt` in UTC."),
            shape: .object,
            outcome: .json("The version of the info, which is its ETag as well.", .version),
            examples: [
                RouteExample(
                    target: example,
                    body:
                        #"{"agentId":"example","templateId":"code","createdAt":"2026-01-02T03:04:05.678Z"}"#,
                    answer: #"{"version":""#),
                RouteExample(
                    target: example, body: #"{"agentId":"another"}"#, status: 400,
                    answer: #"{"type":"urn:holdfast:error:invalid""#),
            ])
    ) { (call) async throws(HoldfastError) in
        .written(
            try await call.agents.saveInfo(
                call.body.bytes, of: call.agent, if: try call.writeCondition(), try await call.writeOptions())
        )
    }

    private static let delete = Route(
        description: RouteDescription(
            method: .delete, path: path, id: "deleteAgent",
            summary:
                "Removes an agent whole: info, messages, tool calls, events, snapshots and all the rest.",
            access: .write, parameters: [.agent] + RouteParameter.writing,
            outcome: .json("The version of the removal.", .version),
            examples: [RouteExample(target: "/v1/agents/example-gone", answer: #"{"version":""#)])
    ) { (call) async throws(HoldfastError) in
        .version(try await call.agents.delete(call.agent, try await call.writeOptions()))
    }
}
