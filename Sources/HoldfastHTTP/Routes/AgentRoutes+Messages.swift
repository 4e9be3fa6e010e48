internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

extension AgentRoutes {
    static let messageRoutes = [readMessages, appendMessages, saveMessages]

    private static let readMessages = Route(
        description: RouteDescription(
            method: .get, path: "\(path)/messages", id: "listAgentMessages",
            summary: "Pages through the messages of an agent; the latest, if nothing is said.", access: .read,
            parameters: [.agent, .entryOrder, .after, .before, .limit, .cursor],
            outcome: .json("A page of messages.", .page),
            examples: [
                RouteExample(target: "/v1/agents/nobody/messages", answer: #"{"data":[],"next":null}"#)
            ])
    ) { (call) async throws(HoldfastError) in
        let page = try await call.agents.messages(
            of: call.agent, try call.messageRange(), try call.callOptions)
        return .agentPage(page, next: page.next.map(Call.cursor))
    }

    private static let appendMessages = Route(
        description: RouteDescription(
            method: .post, path: "\(path)/messages", id: "appendAgentMessages",
            summary: "Appends a message, or many all at once, to those of an agent.", access: .write,
            parameters: [.agent, .ifLast] + RouteParameter.writing,
            content: .json("One message, or an array of messages; each an object with a `role`."),
            outcome: .json("The ids of the new messages.", .ids),
            examples: [
                RouteExample(
                    target: "\(example)/messages", body: #"[{"role":"user","content":"Weather in Paris?"}]"#,
                    answer: #"{"ids":[""#)
            ])
    ) { (call) async throws(HoldfastError) in
        .ids(
            try await call.agents.appendMessages(
                try call.messages(), to: call.agent, ifLast: call.query.version("ifLast"),
                try await call.writeOptions()))
    }

    private static let saveMessages = Route(
        description: RouteDescription(
            method: .put, path: "\(path)/messages", id: "saveAgentMessages",
            summary: "Makes the messages of an agent be these, and writes the difference in one atomic step.",
            access: .write, parameters: [.agent, .ifLast] + RouteParameter.writing,
            content: .json("All messages of the agent, oldest first."), shape: .array,
            outcome: .json("How many messages stayed, changed and went, and the ids of the new ones."),
            examples: [
                RouteExample(
                    target: "\(example)/messages",
                    body:
                        #"[{"role":"user","content":"Weather in Paris?"},{"role":"assistant","content":"Rain."}]"#,
                    answer: #"{"kept":1,"edited":0,"removed":0,"ids":[""#),
                RouteExample(
                    target: "\(example)/messages?ifLast=00000000000000000000000000000000", body: "[]",
                    status: 409, answer: #"{"type":"urn:holdfast:error:conflict""#),
            ])
    ) { (call) async throws(HoldfastError) in
        let save = try await call.agents.saveMessages(
            try call.wholeList(), of: call.agent, ifLast: call.query.version("ifLast"),
            try await call.writeOptions())
        var body = JSONBody()
        body.object { body in
            body.member("kept", save.keptCount)
            body.member("edited", save.editedCount)
            body.member("removed", save.removedCount)
            body.member("ids") { body in
                body.array { body in for id in save.appended { body.value(hex: id) } }
            }
        }
        var reply = Reply.json(body)
        if let receipt = save.receipt {
            reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations)
        }
        return reply
    }
}

extension RouteParameter {
    /// What a writer of messages knows of those that are there.
    static let ifLast = RouteParameter.query(
        "ifLast", .version,
        "Lets the write take place only if this is the id of the last message; zeros for none.")
}

extension Call {
    /// The cursor of the page that follows.
    static func cursor(of range: ListRange) -> String {
        let id = (range.order == .ascending ? range.after : range.before) ?? .zero
        return id.description.filter { $0 != "-" }
    }
}
