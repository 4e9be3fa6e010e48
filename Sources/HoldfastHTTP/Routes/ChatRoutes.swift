internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

/// Chats: users, their sessions, and the agents in these.
enum ChatRoutes: RouteFamily {
    static let routes: [Route] =
        [
            Route(description: usersDescription, handler: users),
            Route(description: sessionsDescription, handler: sessions),
            Route(description: agentsDescription, handler: agents),
            Route(description: mergedDescription, handler: merged),
            Route(description: deleteSessionDescription, handler: deleteSession),
        ] + messages.routes

    private static let names: [RouteParameter] = [user, session, agent]
    private static let user = RouteParameter.path("user", "The name of a user, percent-encoded.")
    private static let session = RouteParameter.path(
        "session", "The name of a session of the user, percent-encoded.")
    private static let agent = RouteParameter.path(
        "agent",
        "The name of an agent, percent-encoded. One that is called messages has one of its letters encoded too."
    )

    private static let messages = MessageRoutes(
        path: "/v1/chats/{user}/{session}/{agent}", noun: "chat", name: "Chat", parameters: names,
        example: "/v1/chats/user-1/trip/weather", exampleFork: #"{"to":{"session":"trip-2"}}"#,
        place: { call in
            MessageRoutes.Place(conversations: call.store.chats().conversations, session: chat(call).key)
        },
        target: { (call, body) throws(HoldfastError) in
            guard let to = body["to"], to.kind == .object else {
                throw HoldfastError(
                    .invalid, "to is not an object, expected one with user, session or agent")
            }
            var target = chat(call)
            for member in to.members {
                guard let name = member.value.string else {
                    throw HoldfastError(.invalid, "to.\(member.name.prefix(80)) is not a text")
                }
                switch member.name {
                case "user": target.user = name
                case "session": target.session = name
                case "agent": target.agent = name
                default:
                    throw HoldfastError(
                        .invalid,
                        "unknown member to.\(member.name.prefix(80)), expected user, session or agent")
                }
            }
            return target.key
        })

    private static func chat(_ call: Call) -> Chat {
        Chat(user: call["user"], session: call["session"], agent: call["agent"])
    }

    private static func users(_ call: Call) async throws(HoldfastError) -> Reply {
        groups(
            try await call.store.chats().users(
                prefix: call.query["prefix"] ?? "", limit: call.query.integer("limit"),
                after: call.query["cursor"].map { Cursor($0) }, try call.callOptions))
    }

    private static func sessions(_ call: Call) async throws(HoldfastError) -> Reply {
        groups(
            try await call.store.chats().sessions(
                of: call["user"], prefix: call.query["prefix"] ?? "", limit: call.query.integer("limit"),
                after: call.query["cursor"].map { Cursor($0) }, try call.callOptions))
    }

    private static func agents(_ call: Call) async throws(HoldfastError) -> Reply {
        groups(
            try await call.store.chats().agents(
                of: call["user"], session: call["session"], prefix: call.query["prefix"] ?? "",
                limit: call.query.integer("limit"), after: call.query["cursor"].map { Cursor($0) },
                try call.callOptions))
    }

    private static func groups(_ page: Page<ChatGroup, Cursor>) -> Reply {
        .page(page, next: page.next?.description, byteCount: { $0.name.utf8.count + 160 }) { body, group in
            body.value(group)
        }
    }

    private static func merged(_ call: Call) async throws(HoldfastError) -> Reply {
        let page = try await call.store.chats().messages(
            ofSession: call["session"], of: call["user"], call.messageOrder,
            isAttributed: call.query.flag("attributed"), limit: call.query.integer("limit"),
            after: call.query["cursor"].map { Cursor($0) }, try call.callOptions)
        return .page(
            page, next: page.next?.description,
            byteCount: { $0.json.count + $0.chat.agent.utf8.count + 160 }
        ) { body, message in body.value(message) }
    }

    private static func deleteSession(_ call: Call) async throws(HoldfastError) -> Reply {
        .erased(
            try await call.store.chats().delete(
                session: call["session"], of: call["user"], try await call.writeOptions()))
    }
}

extension ChatRoutes {
    private static let usersDescription = RouteDescription(
        method: .get, path: "/v1/chats", id: "listChatUsers",
        summary: "Pages through the users who have chats, with how many chats and messages each has.",
        access: .read, parameters: [.namePrefix, .limit, .cursor], outcome: .json("A page of users.", .page),
        examples: [RouteExample(target: "/v1/chats?limit=10", answer: #"{"data":["#)])
    private static let sessionsDescription = RouteDescription(
        method: .get, path: "/v1/chats/{user}", id: "listChatSessions",
        summary: "Pages through the sessions of a user.", access: .read,
        parameters: [user, .namePrefix, .limit, .cursor], outcome: .json("A page of sessions.", .page),
        examples: [RouteExample(target: "/v1/chats/user-1", answer: #"{"data":["#)])
    private static let agentsDescription = RouteDescription(
        method: .get, path: "/v1/chats/{user}/{session}", id: "listChatAgents",
        summary: "Pages through the agents of a session.", access: .read,
        parameters: [user, session, .namePrefix, .limit, .cursor], outcome: .json("A page of agents.", .page),
        examples: [RouteExample(target: "/v1/chats/user-1/trip", answer: #"{"data":["#)])
    private static let mergedDescription = RouteDescription(
        method: .get, path: "/v1/chats/{user}/{session}/messages", id: "listMergedChatMessages",
        summary: "Pages through the messages of all agents of a session in the one order of their arrival.",
        access: .read,
        parameters: [
            user, session, .messageOrder,
            .query(
                "attributed", .flag,
                "Puts the name of the agent in brackets in front of the first text of what an assistant said.",
                fallback: "false"),
            .limit, .cursor,
        ], outcome: .json("A page of messages, each with its agent.", .page),
        examples: [
            RouteExample(
                target: "/v1/chats/user-1/trip/messages?order=ascending&attributed=true",
                answer: #"{"data":["#)
        ])
    private static let deleteSessionDescription = RouteDescription(
        method: .delete, path: "/v1/chats/{user}/{session}", id: "deleteChatSession",
        summary: "Removes all chats of a session whole.", access: .write,
        parameters: [user, session] + RouteParameter.writingInSteps, outcome: .json("How much was removed."),
        examples: [
            RouteExample(
                target: "/v1/chats/user-1/nothing", answer: #"{"documents":0,"messages":0}"#)
        ])
}
