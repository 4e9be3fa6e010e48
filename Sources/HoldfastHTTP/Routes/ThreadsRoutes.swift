internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport
internal import NIOCore

/// Conversations of agents in threads of channels, their messages and blocks.
enum ThreadsRoutes: RouteFamily {
    static let routes: [Route] = [
        Route(description: listDescription, handler: list),
        Route(description: beginDescription, handler: begin),
        Route(description: readDescription, handler: read),
        Route(description: createDescription, handler: create),
        Route(description: appendDescription, handler: append),
        Route(description: messagesDescription, handler: messages),
        Route(description: promptDescription, handler: prompt),
        Route(description: pageDescription, handler: page),
        Route(description: callsDescription, handler: calls),
        Route(description: exportDescription, handler: export),
        Route(description: deleteDescription, handler: delete),
    ]

    private static func list(_ call: Call) async throws(HoldfastError) -> Reply {
        let page = try await call.store.threads().conversations(
            of: call.query["agent"], limit: call.query.integer("limit"),
            after: call.query["cursor"].map { Cursor($0) }, try call.callOptions)
        return .page(page, next: page.next?.description, byteCount: { $0.id.utf8.count * 3 + 200 }) {
            body, conversation in body.value(conversation)
        }
    }

    private static func begin(_ call: Call) async throws(HoldfastError) -> Reply {
        let names = ["agent_name", "channel_id", "thread_id", "channel_name"]
        _ = try call.bodyObject(names)
        let body = try JSONMembers(call.body.bytes, as: "the body")
        return .conversation(
            try await call.store.threads().conversation(
                agent: try body.text("agent_name"), channel: try body.optionalText("channel_id") ?? "",
                thread: try body.optionalText("thread_id") ?? "",
                channelName: try body.optionalText("channel_name"), try await call.writeOptions()))
    }

    private static func read(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.threads().conversation(call["conversation"], try call.callOptions)
        var reply = Reply.conversation(try call.found(answer.content))
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func create(_ call: Call) async throws(HoldfastError) -> Reply {
        let names = ["user_id", "user_name", "user_handle", "created_at", "blocks"]
        let node = try call.bodyObject(names)
        let body = try JSONMembers(call.body.bytes, as: "the body")
        let user = ThreadUser(
            id: try body.optionalText("user_id") ?? "", name: try body.optionalText("user_name") ?? "",
            handle: try body.optionalText("user_handle") ?? "")
        let (message, receipt) = try await call.store.threads().begin(
            in: call["conversation"], by: user,
            blocks: try call.list("blocks", of: node).map { NewBlock(json: $0) },
            at: try body.optionalTime("created_at"), try await call.writeOptions())
        var answer = JSONBody()
        answer.value(message)
        var reply = Reply.json(answer)
        reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations)
        return reply
    }

    private static func append(_ call: Call) async throws(HoldfastError) -> Reply {
        .ids(
            try await call.store.threads().add(
                try call.messages().map { NewBlock(json: $0) }, to: call["message"],
                try await call.writeOptions()))
    }

    private static func messages(_ call: Call) async throws(HoldfastError) -> Reply {
        let page = try await call.store.threads().messages(
            of: call["conversation"], call.query["detail"] == "model" ? .forModel : .everything,
            limit: call.query.integer("limit"), after: call.query["cursor"].map { Cursor($0) },
            try call.callOptions)
        return .page(
            page, next: page.next?.description,
            byteCount: { message in message.blocks.reduce(400) { $0 + $1.json.count + 120 } }
        ) { body, message in body.value(message) }
    }

    private static func prompt(_ call: Call) async throws(HoldfastError) -> Reply {
        let messages = try await call.store.threads().prompt(of: call["conversation"], try call.callOptions)
        var body = JSONBody()
        body.object { body in
            body.member("messages") { body in
                body.array { body in for message in messages { body.value(json: message) } }
            }
        }
        return .json(body)
    }

    private static func page(_ call: Call) async throws(HoldfastError) -> Reply {
        let threads = call.store.threads()
        let found = try await threads.conversation(call["conversation"], try call.callOptions).content
        let conversation = try call.found(found)
        let messages = try await threads.allMessages(of: conversation.id, .everything, try call.callOptions)
        var buffer = ByteBuffer()
        guard call.query["format"] == "markdown" else {
            buffer.write(ThreadPage(conversation, messages).html)
            return Reply(.ok, .buffer(buffer), type: "text/html; charset=utf-8")
        }
        buffer.write(ThreadMarkdown(conversation, messages).markdown)
        return Reply(.ok, .buffer(buffer), type: "text/markdown; charset=utf-8")
    }

    private static func calls(_ call: Call) async throws(HoldfastError) -> Reply {
        let answer = try await call.store.threads().toolCalls(
            call["call"], in: call.query["conversation"], limit: call.query.integer("limit"),
            try call.callOptions)
        var body = JSONBody()
        body.object { body in
            body.member("data") { body in
                body.array { body in for found in answer.content { body.value(found) } }
            }
            body.name("next")
            body.null()
        }
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func export(_ call: Call) async throws(HoldfastError) -> Reply {
        guard let agent = call.query["agent"] else {
            throw HoldfastError(.invalid, "agent is missing, expected whose conversations are exported")
        }
        let found = try await call.store.threads().conversationsForExport(
            agent: agent, handle: call.query["handle"], from: try call.moment("from"),
            to: try call.moment("to"),
            try call.callOptions)
        var body = JSONBody()
        body.object { body in
            body.member("data") { body in
                body.array { body in for conversation in found { body.value(conversation) } }
            }
            body.name("next")
            body.null()
        }
        return .json(body)
    }

    private static func delete(_ call: Call) async throws(HoldfastError) -> Reply {
        let count = try await call.store.threads().delete(call["conversation"], try await call.writeOptions())
        var body = JSONBody()
        body.object { body in body.member("messages", count) }
        return .json(body)
    }
}

extension Call {
    /// A conversation that must be there.
    fileprivate func found(_ conversation: AgentThread?) throws(HoldfastError) -> AgentThread {
        guard let conversation else {
            throw HoldfastError(.notFound, "there is no conversation \"\(self["conversation"])\"")
        }
        return conversation
    }

    /// A point in time in the query.
    ///
    /// - Throws: `invalid` for what is none.
    func moment(_ name: String) throws(HoldfastError) -> Timestamp? {
        guard let text = query[name] else { return nil }
        guard let time = Timestamp(text) else {
            throw HoldfastError(
                .invalid, "\(name) is \"\(text.prefix(60))\", expected a time such as 2024-05-15T15:00:00Z")
        }
        return time
    }
}

extension Reply {
    fileprivate static func conversation(_ conversation: AgentThread) -> Reply {
        var body = JSONBody()
        body.value(conversation)
        var reply = Reply.json(body)
        reply.note(tag: conversation.version)
        return reply
    }
}

extension JSONBody {
    fileprivate mutating func value(_ conversation: AgentThread) {
        object { body in
            body.member("id", conversation.id)
            body.member("agent_name", conversation.agent)
            body.member("channel_id", conversation.channel)
            body.member("thread_id", conversation.thread)
            body.member("channel_name", conversation.channelName)
            body.member("created_at", conversation.createdAt)
        }
    }

    fileprivate mutating func value(_ message: ThreadMessage) {
        object { body in
            body.member("id", message.id)
            body.member("conversation_id", message.conversation)
            body.member("user_id", message.user.id)
            body.member("user_name", message.user.name)
            body.member("user_handle", message.user.handle)
            body.member("created_at", message.createdAt)
            body.member("blocks") { body in
                body.array { body in
                    for block in message.blocks {
                        body.object { body in
                            body.member("id", hex: block.id)
                            body.member("time", block.time)
                            body.member("value", json: block.json)
                        }
                    }
                }
            }
        }
    }

    fileprivate mutating func value(_ call: ToolCall) {
        object { body in
            body.member("id", call.id)
            body.member("block_id", hex: call.block.id)
            body.member("message_id", call.block.message)
            body.member("conversation_id", call.conversation)
            body.member("tool_name", call.name)
            body.member("input", json: call.input)
            body.member("input_json", call.indentedInput)
            body.member("output", json: call.output)
            body.member("is_error", call.isError)
        }
    }
}
