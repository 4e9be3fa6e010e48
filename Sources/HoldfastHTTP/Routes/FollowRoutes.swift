internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

/// Following lists, sessions, runs and agents: their items as server-sent events.
enum FollowRoutes: RouteFamily {
    static let routes: [Route] = [
        Route(description: listDescription) { call async throws(HoldfastError) in
            try await follow(call["namespace"], call["key"], call)
        },
        Route(description: sessionDescription) { call async throws(HoldfastError) in
            try await follow(Conversations.standardNamespace, call["session"], call)
        },
        Route(description: chatDescription) { call async throws(HoldfastError) in
            let chat = Chat(user: call["user"], session: call["session"], agent: call["agent"])
            return try await follow(Chats.standardNamespace, chat.key, call)
        },
        Route(description: runDescription) { call async throws(HoldfastError) in
            try await follow(Runs.eventNamespace, call["run"], call)
        },
        Route(description: agentDescription) { call async throws(HoldfastError) in
            let place = try Agents.eventList(of: call["agent"])
            return try await follow(place.namespace, place.key, call)
        },
    ]

    private static func follow(
        _ namespace: String, _ key: String, _ call: Call
    ) async throws(HoldfastError) -> Reply {
        let most = call.environment.settings.followerCountMax
        guard call.store.followFigures.followerCount < most else {
            let problem = Problem(
                .tooManyRequests, .exhausted, "\(most) streams are open already, which is the limit",
                retryAfter: .seconds(5))
            return problem.reply(requestID: call.requestID)
        }
        let lists = call.store.lists(namespace)
        let place = try await place(in: lists, key, call)
        let stream = try EventStream(
            lists.follow(key, after: place ?? .zero), after: place,
            heartbeat: call.environment.settings.heartbeat)
        return stream.reply
    }

    /// Where to begin: a client that connects again says in its header how far it has come.
    private static func place(
        in lists: Lists, _ key: String, _ call: Call
    ) async throws(HoldfastError) -> Version? {
        let header = call.header(.lastEventID).flatMap { $0.isEmpty ? nil : $0 }
        guard let text = header ?? call.query["after"] else { return nil }
        if text == "latest" {
            return try await lists.page(of: key, .latest(1), try call.callOptions).first?.id ?? .zero
        }
        guard let place = Version(text) else {
            let name = header == nil ? "after" : "Last-Event-ID"
            throw HoldfastError(
                .invalid, "\(name) is \"\(text.prefix(80))\", expected the id of an item, or latest")
        }
        return place
    }
}

extension FollowRoutes {
    private static let parameters: [RouteParameter] = [
        .query(
            "after", .text,
            "Only items after the one with this id; `latest`: only those that are still to come.",
            fallback: "the first item"),
        .header("Last-Event-ID", "The id of the last event that the client has; goes before `after`."),
    ]
    private static let outcome = RouteDescription.Outcome.events(
        "An event for each item, with its id as `id` and the item as `data`; without end.")
    private static func refusals(_ path: String) -> [RouteExample] {
        [
            RouteExample(
                target: "\(path)?after=x", status: 400, answer: #"{"type":"urn:holdfast:error:invalid""#)
        ]
    }

    private static let listDescription = RouteDescription(
        method: .get, path: "/v1/lists/{namespace}/{key}/follow", id: "followList",
        summary: "Follows a list: its items after a bookmark, and every one that is appended from then on.",
        access: .read, parameters: [.namespace, .key] + parameters, outcome: outcome,
        examples: refusals("/v1/lists/example-lists/a/follow"))
    private static let sessionDescription = RouteDescription(
        method: .get, path: "/v1/sessions/{session}/follow", id: "followSession",
        summary: "Follows a conversation: its messages after a bookmark, and those that come.", access: .read,
        parameters: [.path("session", "The name of the session.")] + parameters, outcome: outcome,
        examples: refusals("/v1/sessions/example/follow"))
    private static let chatDescription = RouteDescription(
        method: .get, path: "/v1/chats/{user}/{session}/{agent}/follow", id: "followChat",
        summary: "Follows a chat: its messages after a bookmark, and those that come.", access: .read,
        parameters: [
            .path("user", "The name of the user."), .path("session", "The name of the session."),
            .path("agent", "The name of the agent."),
        ] + parameters, outcome: outcome,
        examples: refusals("/v1/chats/user-1/trip/weather/follow"))
    private static let runDescription = RouteDescription(
        method: .get, path: "/v1/runs/{run}/events/follow", id: "followRun",
        summary: "Follows a run: its events after a bookmark, and those that come.", access: .read,
        parameters: [.path("run", "The id of the run.")] + parameters, outcome: outcome,
        examples: refusals("/v1/runs/example/events/follow"))
    private static let agentDescription = RouteDescription(
        method: .get, path: "/v1/agents/{agent}/events/follow", id: "followAgent",
        summary: "Follows an agent: its events after a bookmark as they arrived, and those that come.",
        access: .read, parameters: [.agent] + parameters, outcome: outcome,
        examples: refusals("/v1/agents/example/events/follow"))
}
