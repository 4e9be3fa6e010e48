internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

extension AgentRoutes {
    static let snapshotRoutes = [readSnapshots, readSnapshot, saveSnapshot]

    private static let readSnapshots = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/snapshots", id: "listAgentSnapshots",
            summary: "Reads every snapshot of an agent, newest first.", access: .read,
            parameters: [
                .agent, .query("messages", .flag, "Whether the snapshots come whole.", fallback: "false"),
            ], outcome: .json("All snapshots; one that is damaged has `error` in place of `value`."),
            examples: [
                RouteExample(target: "/v1/agents/nobody/snapshots", answer: #"{"data":[],"next":null}"#)
            ])
    ) { (call) async throws(HoldfastError) in
        guard call.query.flag("messages") else {
            let page = try await call.agents.snapshotSummaries(of: call.agent, try call.callOptions)
            return .page(page, next: nil, byteCount: { $0.id.utf8.count + 250 }) { body, summary in
                body.value(summary)
            }
        }
        let page = try await call.agents.listSnapshots(of: call.agent, try call.callOptions)
        return .page(page, next: nil, byteCount: { ((try? $0.json.count) ?? 0) + 250 }) { body, snapshot in
            body.value(snapshot)
        }
    }

    private static let readSnapshot = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/snapshots/{snapshot}", id: "getAgentSnapshot",
            summary: "Reads a snapshot with its messages: the JSON as it came.", access: .read,
            parameters: [.agent, .snapshot, .ifNoneMatchRead],
            outcome: .value("The snapshot, byte for byte."),
            examples: [
                RouteExample(
                    target: "/v1/agents/nobody/snapshots/sfp-1", status: 404,
                    answer: #"{"type":"urn:holdfast:error:not_found""#)
            ])
    ) { (call) async throws(HoldfastError) in
        let id = call["snapshot"]
        let answer = try await call.agents.loadSnapshot(id, of: call.agent, try call.callOptions)
        guard let snapshot = answer.content else {
            throw HoldfastError(.notFound, "agent \"\(call.agent)\" has no snapshot \"\(id)\"")
        }
        return .stored(
            try snapshot.json, version: snapshot.version, time: snapshot.time, to: call,
            source: answer.source, answer.degradations)
    }

    private static let saveSnapshot = Route(
        description: RouteDescription(
            method: .put, path: "\(path)/snapshots/{snapshot}", id: "putAgentSnapshot",
            summary: "Saves a snapshot; messages that the agent has as well are not copied.", access: .write,
            parameters: [.agent, .snapshot, .ifMatch, .ifNoneMatch] + RouteParameter.writing,
            content: .json("An object with `id`, that of the path, and mostly an array `messages`."),
            shape: .object,
            outcome: .json("The version of the snapshot, which is its ETag as well.", .version),
            examples: [
                RouteExample(
                    target: "\(example)/snapshots/sfp-1",
                    body: #"{"id":"sfp-1","messages":[],"lastSfpIndex":1}"#,
                    answer: #"{"version":""#)
            ])
    ) { (call) async throws(HoldfastError) in
        try call.require("id", is: call["snapshot"])
        return .written(
            try await call.agents.saveSnapshot(
                call.body.bytes, of: call.agent, if: try call.writeCondition(), try await call.writeOptions())
        )
    }
}
