internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel

extension JSONBody {
    /// Writes a message.
    mutating func value(_ message: Message) {
        object { body in body.members(of: message) }
    }

    /// Writes a message with the chat in which it was said.
    mutating func value(_ message: ChatMessage) {
        object { body in
            body.member("agent", message.chat.agent)
            body.members(of: message.message)
        }
    }

    private mutating func members(of message: Message) {
        stamp(hex: message.id, message.version, message.time, editedAt: message.editedAt)
        stored(message.json, message.format)
    }

    /// Writes what there is of a user, a session or an agent.
    mutating func value(_ group: ChatGroup) {
        object { body in
            body.member("name", group.name)
            body.member("chatCount", group.chatCount)
            body.messages(group.messageCount, group.firstMessageAt, group.lastMessageAt)
        }
    }

    /// Writes what there is of a session.
    mutating func value(_ session: Session) {
        object { body in
            body.member("session", session.id)
            body.messages(session.messageCount, session.firstMessageAt, session.lastMessageAt)
        }
    }

    private mutating func messages(_ count: Int, _ first: Timestamp?, _ last: Timestamp?) {
        member("messageCount", count)
        member("firstMessageAt", first)
        member("lastMessageAt", last)
    }

    /// Writes the ids of what was written.
    fileprivate mutating func ids(_ ids: some Sequence<Version>) {
        member("ids") { body in
            body.array { body in for id in ids { body.value(hex: id) } }
        }
    }
}

extension Reply {
    /// A page of messages.
    static func messages(_ page: Page<Message, ListRange>) -> Reply {
        let next = page.next.flatMap { $0.order == .ascending ? $0.after : $0.before }
        if let text = MessagePage(page.elements, next: next) {
            var reply = Reply(.ok, .buffer(text.buffer), type: MediaType.json)
            reply.note(source: page.source, page.degradations)
            return reply
        }
        return .page(
            page, next: next.map { $0.description.filter { $0 != "-" } }, byteCount: { $0.json.count + 160 }
        ) { body, message in
            body.value(message)
        }
    }

    /// What became of messages that were appended.
    static func outcome(_ outcome: AppendOutcome) -> Reply {
        var body = JSONBody()
        body.object { body in
            body.ids(outcome.stored)
            body.member("mergedCount", outcome.mergedCount)
            body.member("droppedCount", outcome.droppedCount)
            body.member("trimmedCount", outcome.trimmedCount)
        }
        var reply = Reply.json(body)
        if let receipt = outcome.receipt {
            reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations)
        }
        return reply
    }

    /// The ids that a write has given.
    static func ids(_ receipt: Receipt) -> Reply {
        .receipt(receipt) { body in body.ids(receipt.versions) }
    }

    /// The version and the time of what was written.
    static func version(_ receipt: Receipt) -> Reply {
        .receipt(receipt) { body in
            body.member("version", hex: receipt.id)
            body.member("time", receipt.time)
        }
    }

    /// A message that was taken, or `null`.
    static func taken(_ taken: (message: Message?, receipt: Receipt?)) -> Reply {
        var body = JSONBody()
        body.object { body in
            body.name("message")
            if let message = taken.message { body.value(message) } else { body.null() }
        }
        var reply = Reply.json(body)
        if let receipt = taken.receipt {
            reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations)
        }
        return reply
    }

    /// How much was removed.
    static func erased(_ count: ErasedCount) -> Reply {
        var body = JSONBody()
        body.object { body in
            body.member("documents", count.documentCount)
            body.member("messages", count.itemCount)
        }
        return .json(body)
    }

    /// How many messages went.
    static func trimmed(_ count: Int) -> Reply {
        var body = JSONBody()
        body.object { body in body.member("trimmedCount", count) }
        return .json(body)
    }
}
