internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

extension AgentRoutes {
    static let toolCallRoutes = [readCalls, saveCalls, readCall, saveCall]

    private static let record =
        #"{"id":"call_0","name":"fs_read","state":"PENDING","createdAt":1767325200000}"#

    private static let readCalls = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/tool-calls", id: "listAgentToolCalls",
            summary: "Reads every tool call of an agent, in the order in which they were first saved.",
            access: .read, parameters: [.agent], outcome: .json("All tool calls."),
            examples: [
                RouteExample(target: "/v1/agents/nobody/tool-calls", answer: #"{"data":[],"next":null}"#)
            ])
    ) { (call) async throws(HoldfastError) in
        let page = try await call.agents.loadToolCallRecords(of: call.agent, try call.callOptions)
        return .page(page, next: nil, byteCount: { $0.json.count * 2 + 300 }) { body, record in
            body.value(record)
        }
    }

    private static let saveCalls = Route(
        description: RouteDescription(
            method: .put, path: "\(path)/tool-calls", id: "saveAgentToolCalls",
            summary:
                "Makes the tool calls of an agent be these, and writes the difference in one atomic step.",
            access: .write, parameters: [.agent] + RouteParameter.writing,
            content: .json(
                "All tool calls in order; each an object with `id`, `name`, `state` and a whole `createdAt`."),
            shape: .array,
            outcome: .json("Whether there was anything to write."),
            examples: [
                RouteExample(
                    target: "\(example)/tool-calls", body: "[\(record)]", answer: #"{"changed":true}"#),
                RouteExample(
                    target: "\(example)/tool-calls", body: "[\(record)]", answer: #"{"changed":false}"#),
            ])
    ) { (call) async throws(HoldfastError) in
        let receipt = try await call.agents.saveToolCallRecords(
            try call.wholeList(), of: call.agent, try await call.writeOptions())
        var body = JSONBody()
        body.object { $0.member("changed", receipt != nil) }
        var reply = Reply.json(body)
        if let receipt { reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations) }
        return reply
    }

    private static let readCall = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/tool-calls/{call}", id: "getAgentToolCall",
            summary:
                "Reads the record of one tool call: its JSON as it came, what is known of it in headers.",
            access: .read, parameters: [.agent, .toolCall, .ifNoneMatchRead],
            outcome: .value("The record, byte for byte."),
            examples: [RouteExample(target: "\(example)/tool-calls/call_0", answer: record)])
    ) { (call) async throws(HoldfastError) in
        let answer = try await call.agents.toolCall(call["call"], of: call.agent, try call.callOptions)
        return .stored(
            answer.json, version: answer.version, time: answer.time, to: call, source: answer.source,
            answer.degradations)
    }

    private static let saveCall = Route(
        description: RouteDescription(
            method: .put, path: "\(path)/tool-calls/{call}", id: "putAgentToolCall",
            summary: "Writes the record of one tool call, on a condition if you like.", access: .write,
            parameters: [.agent, .toolCall, .ifMatch, .ifNoneMatch] + RouteParameter.writing,
            content: .json("An object with `id`, that of the path, `name`, `state` and a whole `createdAt`."),
            shape: .object,
            outcome: .json("The version of the record, which is its ETag as well.", .version),
            examples: [
                RouteExample(
                    target: "\(example)/tool-calls/call_0", body: record, answer: #"{"version":""#),
                RouteExample(
                    target: "\(example)/tool-calls/call_1", body: record, status: 400,
                    answer: #"{"type":"urn:holdfast:error:invalid""#),
            ])
    ) { (call) async throws(HoldfastError) in
        try call.require("id", is: call["call"])
        return .written(
            try await call.agents.saveToolCallRecord(
                call.body.bytes, of: call.agent, if: try call.writeCondition(), try await call.writeOptions())
        )
    }
}

extension Call {
    /// Checks that the body names what the path names.
    ///
    /// - Throws: `invalid`.
    func require(_ member: String, is name: String) throws(HoldfastError) {
        let found = try bodyNode()[member]?.string
        guard found == name else {
            throw HoldfastError(
                .invalid,
                "\"\(member)\" of the body is \(found.map { "\"\($0.prefix(80))\"" } ?? "not there"), expected \"\(name)\" as in the path"
            )
        }
    }
}
