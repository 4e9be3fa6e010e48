internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

extension AgentRoutes {
    static let queryRoutes = [sessions, messages, toolCalls]

    private static let sessions = Route(
        description: RouteDescription(
            method: .get, path: "/v1/agent-sessions", id: "queryAgentSessions",
            summary: "Finds agents by what their infos say.", access: .read,
            parameters: [
                .agentID, .query("templateId", .text, "`templateId` of the info."),
                .query("userId", .text, "`metadata.userId` of the info."),
                .query(
                    "sortBy", .choice(AgentSessionFilter.Order.allCases.map(\.rawValue)), "What to sort by.",
                    fallback: AgentSessionFilter.Order.createdAt.rawValue),
                .query("sortOrder", .choice(["asc", "desc"]), "In which direction.", fallback: "desc"),
                .limit, .offset, .offsetCursor,
            ] + RouteParameter.period, outcome: .json("A page of sessions: agents, summed up.", .page),
            examples: [
                RouteExample(
                    target: "/v1/agent-sessions?createdAfter=2099-01-01T00:00:00Z",
                    answer: #"{"data":[],"next":null}"#),
                RouteExample(
                    target: "/v1/agent-sessions?sortBy=1%3BDROP", status: 400,
                    answer: #"{"type":"urn:holdfast:error:invalid""#),
            ])
    ) { (call) async throws(HoldfastError) in
        let filter = AgentSessionFilter(
            agentID: call.query["agentId"], templateID: call.query["templateId"],
            userID: call.query["userId"],
            period: try call.period(),
            sortBy: call.query["sortBy"].flatMap { AgentSessionFilter.Order(rawValue: $0) } ?? .createdAt,
            isAscending: call.query["sortOrder"] == "asc")
        let page = try await call.agents.querySessions(
            filter, limit: call.query.integer("limit"), offset: try call.offset(), try call.callOptions)
        return .page(page, next: page.next.map { String($0) }, byteCount: { $0.json.count + 350 }) {
            body, session in
            body.value(session)
        }
    }

    private static let messages = Route(
        description: RouteDescription(
            method: .get, path: "/v1/agent-messages", id: "queryAgentMessages",
            summary: "Finds messages, of one agent or of all, newest first.", access: .read,
            parameters: [
                .agentID, .query("role", .text, "The role."),
                .query("contentType", .text, "The type of a block of the content; a string counts as text."),
                .limit, .offset, .cursor,
            ] + RouteParameter.period, outcome: .json("A page of messages.", .page),
            examples: [
                RouteExample(
                    target: "/v1/agent-messages?agentId=nobody&role=assistant&contentType=tool_use",
                    answer: #"{"data":[],"next":null}"#)
            ])
    ) { (call) async throws(HoldfastError) in
        let filter = AgentMessageFilter(
            agentID: call.query["agentId"], role: call.query["role"], contentType: call.query["contentType"],
            period: try call.period())
        let page = try await call.agents.queryMessages(
            filter, limit: call.query.integer("limit"), offset: call.query.integer("offset") ?? 0,
            after: call.query["cursor"].map { Cursor($0) }, try call.callOptions)
        return .agentPage(page, next: page.next?.description)
    }

    private static let toolCalls = Route(
        description: RouteDescription(
            method: .get, path: "/v1/agent-tool-calls", id: "queryAgentToolCalls",
            summary: "Finds tool calls, of one agent or of all, newest `createdAt` first.", access: .read,
            parameters: [
                .agentID, .query("toolName", .text, "The tool's name."),
                .query("state", .text, "The state, in any case."),
                .query("isError", .flag, "Whether the call failed."),
                .query("hasApproval", .flag, "Whether somebody had to approve, or has."), .limit, .offset,
                .cursor,
            ] + RouteParameter.period, outcome: .json("A page of tool calls.", .page),
            examples: [
                RouteExample(
                    target: "/v1/agent-tool-calls?agentId=nobody&isError=true",
                    answer: #"{"data":[],"next":null}"#
                )
            ])
    ) { (call) async throws(HoldfastError) in
        let filter = AgentToolCallFilter(
            agentID: call.query["agentId"], toolName: call.query["toolName"], state: call.query["state"],
            isError: call.choice("isError"), hasApproval: call.choice("hasApproval"),
            period: try call.period())
        let page = try await call.agents.queryToolCalls(
            filter, limit: call.query.integer("limit"), offset: call.query.integer("offset") ?? 0,
            after: call.query["cursor"].map { Cursor($0) }, try call.callOptions)
        return .page(page, next: page.next?.description, byteCount: { $0.json.count * 2 + 300 }) {
            body, record in
            body.value(record)
        }
    }
}
