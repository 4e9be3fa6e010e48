internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport

extension MessageRoutes {
    var pop: Route {
        Route(
            description: RouteDescription(
                method: .post, path: "\(path)/pop", id: "pop\(name)Message",
                summary:
                    "Takes the newest message of the \(noun) away and returns it; of many who ask, each gets another.",
                access: .write, parameters: parameters + RouteParameter.writing,
                outcome: .json("The message, or null where there is none."),
                examples: [RouteExample(target: "\(example)-empty/pop", answer: #"{"message":null}"#)])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            return .taken(
                try await place.conversations.take(from: place.session, try await call.writeOptions()))
        }
    }

    var fork: Route {
        Route(
            description: RouteDescription(
                method: .post, path: "\(path)/fork", id: "fork\(name)",
                summary: "Copies the \(noun), whole or up to a message, to where no messages are.",
                access: .write, parameters: parameters + RouteParameter.writing,
                content: .json(
                    "An object: `to`, where it goes; `upTo`, the id of the last message that is copied."),
                shape: .object,
                outcome: .json("The ids of the copies.", .ids),
                examples: [
                    RouteExample(target: "\(example)/fork", body: exampleFork, answer: #"{"ids":[""#),
                    RouteExample(
                        target: "\(example)/fork", body: exampleFork, status: 409,
                        answer: #"{"type":"urn:holdfast:error:conflict""#),
                ])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            let body = try call.bodyObject(["to", "upTo"])
            var last: Version?
            if let node = body["upTo"], !node.isNull {
                guard let id = node.string.flatMap({ Version($0) }) else {
                    throw HoldfastError(
                        .invalid, "upTo is not the id of a message, expected 32 hexadecimal digits")
                }
                last = id
            }
            return .ids(
                try await place.conversations.fork(
                    place.session, to: try target(call, body), upTo: last, try await call.writeOptions()))
        }
    }

    var replace: Route {
        Route(
            description: RouteDescription(
                method: .post, path: "\(path)/replace", id: "replace\(name)Suffix",
                summary:
                    "Replaces the newest messages of the \(noun) if they are the expected ones, all at once.",
                access: .write, parameters: parameters + RouteParameter.writing,
                content: .json("An object: `expected`, the newest messages, oldest first; `replacement`."),
                shape: .object,
                outcome: .json("The ids of the replacement.", .ids),
                examples: [
                    RouteExample(
                        target: "\(example)/replace",
                        body: """
                            {"expected":[{"content":"Weather in Paris?","role":"user"}],\
                            "replacement":[{"role":"user","content":"Weather in Rome?"}]}
                            """, answer: #"{"ids":[""#),
                    RouteExample(
                        target: "\(example)/replace", body: #"{"expected":[1],"replacement":[]}"#,
                        status: 409, answer: #"{"type":"urn:holdfast:error:conflict""#),
                ])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            let body = try call.bodyObject(["expected", "replacement"])
            return .ids(
                try await place.conversations.replaceSuffix(
                    try call.list("expected", of: body), of: place.session,
                    with: try call.list("replacement", of: body), try await call.writeOptions()))
        }
    }

    var trim: Route {
        Route(
            description: RouteDescription(
                method: .post, path: "\(path)/trim", id: "trim\(name)",
                summary: "Removes the oldest messages of the \(noun), or moves them into its archive.",
                access: .write,
                parameters: parameters + RouteParameter.trimming + RouteParameter.writingInSteps,
                outcome: .json("How many messages went."),
                examples: [
                    RouteExample(target: "\(example)/trim?keep=exact:100", answer: #"{"trimmedCount":0}"#)
                ])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            guard let trimming = try call.trimming() else {
                throw HoldfastError(.invalid, "keep is missing, expected what stays, such as exact:100")
            }
            return .trimmed(
                try await place.conversations.trim(
                    place.session, to: trimming, try await call.writeOptions()))
        }
    }

    var archive: Route {
        Route(
            description: RouteDescription(
                method: .get, path: "\(path)/archive", id: "list\(name)Archive",
                summary:
                    "Pages through the messages that a trimming has archived, with the ids and times that they had.",
                access: .read, parameters: parameters + [.messageOrder, .limit, .cursor],
                outcome: .json("A page of messages.", .page),
                examples: [RouteExample(target: "\(example)/archive", answer: #"{"data":[],"next":null}"#)])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            return .messages(
                try await place.conversations.archivedMessages(
                    of: place.session, try call.messageRange(.ascending), try call.callOptions))
        }
    }

    var clear: Route {
        Route(
            description: RouteDescription(
                method: .delete, path: "\(path)/messages", id: "clear\(name)",
                summary: "Removes every message of the \(noun) that arrived before; its archive stays.",
                access: .write, parameters: parameters + RouteParameter.writing,
                outcome: .json("The version of the removal.", .version),
                examples: [RouteExample(target: "\(example)/messages", answer: #"{"version":""#)])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            return .version(
                try await place.conversations.clear(place.session, try await call.writeOptions()))
        }
    }

    var delete: Route {
        Route(
            description: RouteDescription(
                method: .delete, path: path, id: "delete\(name)",
                summary: "Removes the \(noun) whole: messages, archive, and the document at its key.",
                access: .write, parameters: parameters + RouteParameter.writing,
                outcome: .json("The version of the removal.", .version),
                examples: [RouteExample(target: example, answer: #"{"version":""#)])
        ) { (call) async throws(HoldfastError) in
            let place = place(call)
            return .version(
                try await place.conversations.delete(place.session, try await call.writeOptions()))
        }
    }
}

extension Call {
    /// The object in the body, which has no members but these.
    ///
    /// - Throws: `invalid` for anything else.
    func bodyObject(_ names: [String]) throws(HoldfastError) -> JSONNode {
        let node = try bodyNode()
        guard node.kind == .object else {
            throw HoldfastError(
                .invalid, "the body is not an object, expected one with \(names.joined(separator: ", "))")
        }
        if let unknown = node.members.map(\.name).first(where: { !names.contains($0) }) {
            throw HoldfastError(
                .invalid,
                "unknown member \"\(unknown.prefix(80))\", expected \(names.joined(separator: ", "))")
        }
        return node
    }

    /// An array in the body, its elements byte for byte; nothing is an empty one.
    ///
    /// - Throws: `invalid` for what is no array.
    func list(_ name: String, of body: JSONNode) throws(HoldfastError) -> [Bytes] {
        guard let node = body[name] else { return [] }
        guard node.kind == .array else {
            throw HoldfastError(.invalid, "\(name) is not an array, expected an array of messages")
        }
        return elements(of: node)
    }
}
