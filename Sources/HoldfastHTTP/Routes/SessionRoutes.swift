internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

/// Sessions: conversations that have a name and nothing else.
enum SessionRoutes: RouteFamily {
    static let routes: [Route] =
        [
            Route(description: listDescription, handler: list),
            Route(description: readDescription, handler: read),
        ] + messages.routes

    private static let messages = MessageRoutes(
        path: "/v1/sessions/{session}", noun: "session", name: "Session", parameters: [.session],
        example: "/v1/sessions/example", exampleFork: #"{"to":"example-fork"}"#,
        place: { call in
            MessageRoutes.Place(conversations: call.store.conversations(), session: call["session"])
        },
        target: { (_, body) throws(HoldfastError) in
            guard let name = body["to"]?.string else {
                throw HoldfastError(.invalid, "to is not a text, expected the name of a session")
            }
            return name
        })

    private static func list(_ call: Call) async throws(HoldfastError) -> Reply {
        let page = try await call.store.conversations().sessions(
            prefix: call.query["prefix"] ?? "", limit: call.query.integer("limit"),
            after: call.query["cursor"].map { Cursor($0) }, try call.callOptions)
        return .page(page, next: page.next?.description, byteCount: { $0.id.utf8.count + 160 }) {
            body, session in body.value(session)
        }
    }

    private static func read(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.conversations().session(call["session"], try call.callOptions)
        var body = JSONBody()
        body.value(answer.content)
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static let listDescription = RouteDescription(
        method: .get, path: "/v1/sessions", id: "listSessions",
        summary: "Pages through the sessions in the order of their names, with how many messages each has.",
        access: .read, parameters: [.namePrefix, .limit, .cursor],
        outcome: .json("A page of sessions.", .page),
        examples: [RouteExample(target: "/v1/sessions?prefix=example&limit=10", answer: #"{"data":["#)])
    private static let readDescription = RouteDescription(
        method: .get, path: "/v1/sessions/{session}", id: "getSession",
        summary: "Sums up a session; one that was never written has no messages.", access: .read,
        parameters: [.session], outcome: .json("The session, and how many messages it has."),
        examples: [
            RouteExample(
                target: "/v1/sessions/nobody", answer: #"{"session":"nobody","messageCount":0}"#)
        ])
}
