internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

extension AgentRoutes {
    static let eventRoutes = [readEvents, readArrivals, appendEvents]

    private static let event =
        #"{"cursor":1,"bookmark":{"seq":1,"timestamp":1767325200456},"event":{"channel":"progress","type":"done"}}"#

    private static let readEvents = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/events", id: "listAgentEvents",
            summary:
                "Pages through the events of an agent in the order of `bookmark.seq`, all channels merged.",
            access: .read,
            parameters: [
                .agent, .query("since", .integer, "Only events with a higher `bookmark.seq`."),
                .query("channel", .text, "Only events of this channel.", fallback: "all channels"), .limit,
                .cursor,
            ], outcome: .json("A page of events.", .page),
            examples: [
                RouteExample(target: "/v1/agents/nobody/events?since=7", answer: #"{"data":[],"next":null}"#)
            ])
    ) { (call) async throws(HoldfastError) in
        let page = try await call.agents.events(
            of: call.agent, since: call.query.integer("since").map(Int64.init),
            channel: call.query["channel"],
            limit: call.query.integer("limit"), after: call.query["cursor"].map { Cursor($0) },
            try call.callOptions)
        return .page(page, next: page.next?.description, byteCount: { $0.json.count + 250 }) { body, event in
            body.value(event)
        }
    }

    private static let readArrivals = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/events/arrivals", id: "listAgentArrivals",
            summary:
                "Pages through the events of an agent in the order of arrival; the latest, if nothing is said.",
            access: .read, parameters: [.agent, .entryOrder, .after, .before, .limit, .cursor],
            outcome: .json("A page of events.", .page),
            examples: [
                RouteExample(
                    target: "/v1/agents/nobody/events/arrivals", answer: #"{"data":[],"next":null}"#)
            ])
    ) { (call) async throws(HoldfastError) in
        let page = try await call.agents.arrivals(
            of: call.agent, try call.messageRange(), try call.callOptions)
        return .page(page, next: page.next.map(Call.cursor), byteCount: { $0.json.count + 250 }) {
            body, event in
            body.value(event)
        }
    }

    private static let appendEvents = Route(
        description: RouteDescription(
            method: .post, path: "\(path)/events", id: "appendAgentEvents",
            summary: "Appends an event, or many all at once, to those of an agent.", access: .write,
            parameters: [.agent] + RouteParameter.writing,
            content: .json("One event, or an array; each an object with `bookmark.seq` and `event.channel`."),
            outcome: .json("The ids of the new events.", .ids),
            examples: [RouteExample(target: "\(example)/events", body: event, answer: #"{"ids":[""#)])
    ) { (call) async throws(HoldfastError) in
        .ids(
            try await call.agents.appendEvents(
                try call.messages(), to: call.agent, try await call.writeOptions()))
    }
}
