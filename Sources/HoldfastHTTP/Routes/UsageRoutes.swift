internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HummingbirdCore
internal import NIOCore

/// What agents used and cost.
enum UsageRoutes: RouteFamily {
    static let routes: [Route] = [
        Route(description: recordDescription, handler: record),
        Route(description: sumDescription, handler: sum),
        Route(description: tableDescription, handler: table),
    ]

    private static func record(_ call: Call) async throws(HoldfastError) -> Reply {
        let body = try JSONMembers(call.body.bytes, as: "the body")
        return .version(
            try await call.store.usage().record(
                try TokenUsage(body), agent: try body.text("agent_name"),
                conversation: try body.optionalText("conversation_id") ?? "",
                message: try body.optionalText("message_id"), at: try body.optionalTime("time"),
                try await call.writeOptions()))
    }

    private static func sum(_ call: Call) async throws(HoldfastError) -> Reply {
        let dimensions = call.query.all("by").compactMap { UsageDimension(rawValue: $0) }
        let filter = UsageFilter(
            agent: call.query["agent"], model: call.query["model"],
            conversation: call.query["conversation"], from: try call.moment("from"),
            before: try call.moment("before"))
        let answer = try await call.store.usage().sums(
            by: dimensions, filter, limit: call.query.integer("limit"), try call.callOptions)
        var body = JSONBody()
        body.object { body in
            body.member("data") { body in
                body.array { body in for sum in answer.content { body.value(sum, by: dimensions) } }
            }
            body.name("next")
            body.null()
        }
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func table(_ call: Call) async throws(HoldfastError) -> Reply {
        guard let agent = call.query["agent"] else {
            throw HoldfastError(.invalid, "agent is missing, expected whose usage is wanted")
        }
        let threads = call.store.threads()
        let found = try await threads.conversationsForExport(
            agent: agent, handle: call.query["handle"], from: try call.moment("from"),
            to: try call.moment("to"),
            try call.callOptions)
        let options = try call.callOptions
        return Reply(
            .ok,
            .stream { writer in
                var buffer = ByteBuffer()
                buffer.write(UsageTable.header)
                for conversation in found {
                    let messages = try await threads.allMessages(of: conversation.id, .everything, options)
                    buffer.write(UsageTable.rows(conversation, messages))
                    try await writer.write(buffer)
                    buffer.clear()
                }
                if buffer.readableBytes > 0 { try await writer.write(buffer) }
            }, type: "text/csv; charset=utf-8")
    }
}

extension JSONBody {
    fileprivate mutating func value(_ sum: UsageSum, by dimensions: [UsageDimension]) {
        object { body in
            for (dimension, text) in zip(dimensions, sum.by) {
                switch dimension {
                case .day: body.member("day", text)
                case .agent: body.member("agent", text)
                case .model: body.member("model", text)
                case .conversation: body.member("conversation", text)
                }
            }
            body.member("exchanges", sum.exchangeCount)
            body.member("input_tokens", sum.total.inputTokens)
            body.member("output_tokens", sum.total.outputTokens)
            body.member("cache_creation_input_tokens", sum.total.cacheCreationInputTokens)
            body.member("cache_read_input_tokens", sum.total.cacheReadInputTokens)
            body.member("peak_single_call_input_tokens", sum.total.peakSingleCallInputTokens)
            body.name("estimated_cost_usd")
            if let cost = sum.total.estimatedCost { body.value(json: cost.json) } else { body.null() }
        }
    }
}

extension UsageRoutes {
    private static let recordDescription = RouteDescription(
        method: .post, path: "/v1/usage", id: "recordUsage",
        summary: "Enters what one exchange with a model used and cost.", access: .write,
        parameters: RouteParameter.writing,
        content: .json(
            "An object with `agent_name`, `model`, and perhaps `conversation_id`, `message_id`, `time`, `version`, the token counts and `estimated_cost_usd`."
        ), shape: .object, outcome: .json("The id of the entry."),
        examples: [
            RouteExample(
                target: "/v1/usage",
                body:
                    #"{"agent_name":"example-agent","model":"m","input_tokens":100,"estimated_cost_usd":0.1}"#,
                answer: #"{"version":""#),
            RouteExample(
                target: "/v1/usage",
                body:
                    #"{"agent_name":"example-agent","model":"m","input_tokens":11,"estimated_cost_usd":0.2}"#,
                answer: #"{"version":""#),
            RouteExample(target: "/v1/usage", body: #"{"agent_name":"a"}"#, status: 400),
        ])
    private static let sumDescription = RouteDescription(
        method: .get, path: "/v1/usage", id: "sumUsage",
        summary: "Sums up tokens and cost exactly, by day, agent, model, conversation.", access: .read,
        parameters: [
            .query(
                "by", .choice(UsageDimension.allCases.map(\.rawValue)),
                "What to sum up by; may be given up to four times.", fallback: "all together", repeats: true),
            .query("agent", .text, "Only this agent."), .query("model", .text, "Only this model."),
            .query("conversation", .text, "Only this conversation."),
            .query("from", .text, "Only from this time on; a date is its midnight in UTC."),
            .query("before", .text, "Only before this time."), .limit,
        ], outcome: .json("The sums."),
        examples: [
            RouteExample(
                target: "/v1/usage?by=agent&by=model&agent=example-agent",
                answer: """
                    {"data":[{"agent":"example-agent","model":"m","exchanges":2,"input_tokens":111,"output_tokens":0,\
                    "cache_creation_input_tokens":0,"cache_read_input_tokens":0,\
                    "peak_single_call_input_tokens":0,"estimated_cost_usd":0.3}],"next":null}
                    """),
            RouteExample(target: "/v1/usage?by=week", status: 400),
        ])
    private static let tableDescription = RouteDescription(
        method: .get, path: "/v1/usage-table", id: "getUsageTable",
        summary: "Lists what the blocks of an agent's conversations cost, as CSV with 20 columns.",
        access: .read,
        parameters: [
            .query("agent", .text, "Whose conversations."),
            .query("handle", .text, "Only with a message that this person began."),
            .query("from", .text, "Only with a message that was begun then or later."),
            .query("to", .text, "Only with a message that was begun then or earlier."),
        ], outcome: .text("The table.", ["text/csv"]),
        examples: [
            RouteExample(target: "/v1/usage-table?agent=nobody", answer: "conversation_id,agent_name,")
        ])
}
