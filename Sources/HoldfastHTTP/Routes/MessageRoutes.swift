internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

/// The routes of what holds messages: a session, or a chat.
///
/// Both have the same operations on messages, below a path of their own.
struct MessageRoutes: Sendable {
    /// Where the messages of a request are.
    struct Place: Sendable {
        let conversations: Conversations
        let session: String
    }

    /// The path above `/messages`.
    let path: String
    /// What the path stands for in sentences.
    let noun: String
    /// What follows the verb in operation ids.
    let name: String
    /// The parameters of the path.
    let parameters: [RouteParameter]
    /// The path of the examples.
    let example: String
    /// The body of an example of a fork, which goes beside the example.
    let exampleFork: String
    let place: @Sendable (Call) -> Place
    /// Where a fork goes: the member `to` of its body.
    let target: @Sendable (Call, JSONNode) throws(HoldfastError) -> String

    /// In the order of the reference.
    var routes: [Route] {
        [append, read, readOne, edit, remove, pop, fork, replace, trim, archive, clear, delete]
    }
}

extension MessageRoutes {
    private var append: Route {
        Route(
            description: RouteDescription(
                method: .post, path: "\(path)/messages", id: "append\(name)Messages",
                summary:
                    "Appends a message, or many all at once, to the \(noun), under a policy if one is given.",
                access: .write, parameters: parameters + RouteParameter.appending + RouteParameter.writing,
                content: .json("One message, or an array of messages; they come back byte for byte."),
                outcome: .json(
                    "The ids of what was stored, and what the policy has done; a replay does not know the counts of the first answer.",
                    .ids),
                examples: [
                    RouteExample(
                        target: "\(example)/messages",
                        body: #"[{"role":"user","content":"Weather in Paris?"}]"#,
                        answer: #"{"ids":[""#),
                    RouteExample(
                        target: "\(example)/messages?sameRole=drop&keep=tool_pair_safe:100&disposal=archive",
                        body: #"{"role":"user","content":"Hello?"}"#, answer: #"{"ids":[],"#),
                ])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            return .outcome(
                try await place.conversations.append(
                    try call.messages(), to: place.session, policy: try call.appendPolicy(),
                    try await call.writeOptions()))
        }
    }

    private var read: Route {
        Route(
            description: RouteDescription(
                method: .get, path: "\(path)/messages", id: "list\(name)Messages",
                summary: "Pages through the messages of the \(noun); the latest, if nothing is said.",
                access: .read,
                parameters: parameters + [.messageOrder, .after, .before, .limit, .cursor],
                outcome: .json("A page of messages.", .page),
                examples: [RouteExample(target: "\(example)/messages?limit=50", answer: #"{"data":[{"id":""#)]
            )
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            return .messages(
                try await place.conversations.messages(
                    of: place.session, try call.messageRange(), try call.callOptions))
        }
    }

    private var readOne: Route {
        Route(
            description: RouteDescription(
                method: .get, path: "\(path)/messages/{message}", id: "get\(name)Message",
                summary: "Reads one message: its JSON as it came, what is known of it in headers.",
                access: .read, parameters: parameters + [.message, .ifNoneMatchRead],
                outcome: .value("The message, byte for byte."), examples: [missing("GET")])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            let answer = try await place.conversations.lists.item(
                try call.messageID(), of: place.session, try call.callOptions)
            return .stored(answer, to: call)
        }
    }

    private var edit: Route {
        Route(
            description: RouteDescription(
                method: .put, path: "\(path)/messages/{message}", id: "edit\(name)Message",
                summary: "Replaces the JSON of one message, which keeps its place.", access: .write,
                parameters: parameters + [.message] + RouteParameter.writing,
                content: .json("The message."), outcome: .json("The version of the message.", .version),
                examples: [missing("PUT")])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            return .version(
                try await place.conversations.edit(
                    try call.messageID(), of: place.session, to: call.body.bytes,
                    try await call.writeOptions()))
        }
    }

    private var remove: Route {
        Route(
            description: RouteDescription(
                method: .delete, path: "\(path)/messages/{message}", id: "remove\(name)Message",
                summary: "Removes one message.", access: .write,
                parameters: parameters + [.message] + RouteParameter.writing,
                outcome: .json("The version of the removal.", .version), examples: [missing("DELETE")])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            return .version(
                try await place.conversations.remove(
                    try call.messageID(), from: place.session, try await call.writeOptions()))
        }
    }

    private func missing(_ method: String) -> RouteExample {
        RouteExample(
            target: "\(example)/messages/0192f1c24d0070008000000000000001",
            body: method == "PUT" ? #"{"role":"user","content":"Weather in Rome?"}"# : nil, status: 404,
            answer: #"{"type":"urn:holdfast:error:not_found""#)
    }
}
