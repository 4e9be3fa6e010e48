internal import Crypto
internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport
internal import NIOCore

/// OpenAI's Conversations API: official clients need no more than a `base_url`.
///
/// Source: the API reference of OpenAI, "Conversations", and the types of its Python client.
enum OpenAIConversationsRoutes: RouteFamily {
    static let routes: [Route] = [
        route(createDescription, create), route(retrieveDescription, retrieve),
        route(updateDescription, update), route(deleteDescription, delete),
        route(createItemsDescription, createItems), route(listItemsDescription, listItems),
        route(retrieveItemDescription, retrieveItem), route(deleteItemDescription, deleteItem),
    ]

    /// The most items of one request.
    private static let itemCountMax = 20

    private static func route(
        _ description: RouteDescription, _ body: @escaping @Sendable (Call) async throws -> Reply
    ) -> Route {
        Route(
            description: description,
            handler: { (call) async throws(HoldfastError) -> Reply in
                do {
                    return try await body(call)
                } catch let error as OpenAIError {
                    return error.reply
                } catch let error as HoldfastError {
                    throw error
                } catch {
                    throw HoldfastError(.internal, "\(error)")
                }
            }, wording: { OpenAIError($0, isRepeatable: $1).reply })
    }

    // MARK: conversations

    private static func create(_ call: Call) async throws -> Reply {
        let body = try self.body(of: call, takes: ["items", "metadata"], isNeeded: false)
        let metadata = try OpenAIMetadata.checked(body?["metadata"])
        let conversations = OpenAIConversations(store: call.store)
        var values: [Value] = []
        if let node = body?["items"], !node.isNull {
            values = try await Self.values(node, of: nil, call, atLeast: 0)
        }
        var (conversation, receipt) = try await conversations.create(
            name(call.header(.idempotencyKey)), metadata: metadata, values,
            at: SystemClock().unixMilliseconds / 1000, try await call.writeOptions())
        // The first answer, whatever this request says of itself.
        if receipt.isReplay {
            let found = try await conversations.conversation(conversation.id, try call.callOptions)
            conversation = try OpenAIConversations.conversation(found.content)
        }
        var reply = Self.reply(conversation)
        reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations)
        return reply
    }

    private static func retrieve(_ call: Call) async throws -> Reply {
        let found = try await found(call, try call.callOptions)
        var reply = Self.reply(try OpenAIConversations.conversation(found.content))
        reply.note(source: found.source, found.degradations)
        return reply
    }

    private static func update(_ call: Call) async throws -> Reply {
        let body = try self.body(of: call, takes: ["metadata"], isNeeded: true)
        guard let node = body?["metadata"] else { throw OpenAIError.missing("metadata") }
        let metadata = try OpenAIMetadata.checked(node)
        let receipt = try await naming(call) { () async throws(HoldfastError) in
            try await OpenAIConversations(store: call.store).update(
                call["conversation"], metadata: metadata, try call.callOptions, try await call.writeOptions())
        }
        var reply = Self.reply(
            try OpenAIConversations.conversation(try await found(call, try call.callOptions).content))
        reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations)
        return reply
    }

    private static func delete(_ call: Call) async throws -> Reply {
        let removal = try await naming(call) { () async throws(HoldfastError) in
            try await OpenAIConversations(store: call.store).delete(
                call["conversation"], try call.callOptions, try await call.writeOptions())
        }
        var body = JSONBody()
        body.object { body in
            body.member("id", call["conversation"])
            body.member("object", "conversation.deleted")
            body.member("deleted", true)
        }
        var reply = Reply.json(body)
        reply.note(level: removal.level, isReplay: removal.isReplay, removal.degradations)
        return reply
    }

    // MARK: items

    private static func createItems(_ call: Call) async throws -> Reply {
        let body = try self.body(of: call, takes: ["items"], isNeeded: true)
        guard let node = body?["items"] else { throw OpenAIError.missing("items") }
        let id = call["conversation"]
        let values = try await Self.values(node, of: id, call, atLeast: 1)
        let receipt = try await naming(call) { () async throws(HoldfastError) in
            try await OpenAIConversations(store: call.store).append(
                values, to: id, try call.callOptions, try await call.writeOptions())
        }
        let ids = receipt.results.last ?? []
        // The first answer, whatever this request says.
        let items =
            receipt.isReplay
            ? try await OpenAIConversations(store: call.store).items(ids, of: id, try call.callOptions)
            : Array(zip(ids, values.map(\.bytes)))
        var reply = try Self.reply(items, hasMore: false)
        reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations)
        return reply
    }

    private static func listItems(_ call: Call) async throws -> Reply {
        let limit = try limit(call.query["limit"])
        var range = ListRange(try order(call.query["order"]), limit: limit + 1)
        if let after = call.query["after"] {
            guard let place = OpenAIItem.place(of: after) else {
                throw OpenAIError.invalid(
                    "Invalid 'after': no item has the id '\(after.prefix(80))'.", "after")
            }
            if range.order == .ascending { range.after = place } else { range.before = place }
        }
        let asked = range
        let page = try await naming(call) { () async throws(HoldfastError) in
            try await OpenAIConversations(store: call.store).page(
                of: call["conversation"], asked, try call.callOptions)
        }
        var reply = try Self.reply(page.prefix(limit).map { ($0.id, $0.bytes) }, hasMore: page.count > limit)
        reply.note(source: page.source, page.degradations)
        return reply
    }

    private static func retrieveItem(_ call: Call) async throws -> Reply {
        let answer = try await item(call)
        var body = JSONBody(capacity: answer.content.bytes.count + 64)
        try OpenAIItem.write(answer.content.id, answer.content.bytes, &body)
        var reply = Reply.json(body)
        reply.note(source: answer.source, answer.degradations)
        return reply
    }

    private static func deleteItem(_ call: Call) async throws -> Reply {
        let options = try await call.writeOptions()
        let place: Version
        do {
            place = try await item(call).content.id
        } catch {
            // A retry finds the item gone; the write knows whether its key has removed it.
            guard options.idempotencyKey != nil, let gone = try await goneItem(call) else { throw error }
            place = gone
        }
        let receipt: Receipt
        do {
            receipt = try await OpenAIConversations(store: call.store).remove(
                place, from: call["conversation"], options)
        } catch {
            guard error.code == .notFound else { throw error }
            _ = try await found(call, try call.callOptions)
            throw OpenAIError.notFound("Item", call["item"])
        }
        var reply = Self.reply(
            try OpenAIConversations.conversation(try await found(call, try call.callOptions).content))
        reply.note(level: receipt.level, isReplay: receipt.isReplay, receipt.degradations)
        return reply
    }
}

extension OpenAIConversationsRoutes {
    /// The members of a body, all of them known.
    private static func body(
        of call: Call, takes names: [String], isNeeded: Bool
    ) throws(OpenAIError) -> JSONNode? {
        guard isNeeded || call.body.readableBytes > 0 else { return nil }
        guard let node = try? JSONNode(Array(call.body.readableBytesView)), node.kind == .object else {
            throw .invalid(
                "We could not parse the JSON body of your request. The body must be a JSON object.", nil)
        }
        for (name, _) in node.members where !names.contains(name) {
            throw .invalid(
                "Unknown parameter: '\(name.prefix(80))'.", String(name.prefix(80)), code: "unknown_parameter"
            )
        }
        return node
    }

    /// What is stored of the items that a client sends; references are looked up in the conversation, where there is one.
    private static func values(
        _ node: JSONNode, of id: String?, _ call: Call, atLeast least: Int
    ) async throws -> [Value] {
        guard node.kind == .array else { throw OpenAIError.wrongType("items", expected: "an array") }
        let nodes = node.elements
        guard nodes.count >= least else {
            throw OpenAIError.invalid(
                "Invalid 'items': empty array. Expected an array with minimum length \(least), but got an empty array instead.",
                "items", code: "empty_array")
        }
        guard nodes.count <= itemCountMax else {
            throw OpenAIError.invalid(
                "Invalid 'items': array too long. Expected an array with maximum length \(itemCountMax), "
                    + "but got an array with length \(nodes.count) instead.", "items",
                code: "array_above_max_length")
        }
        var values: [Value] = []
        for (position, node) in nodes.enumerated() {
            let path = "items[\(position)]"
            let isReference = try OpenAIItem.type(of: node, at: path) == "item_reference"
            values.append(
                .json(
                    isReference
                        ? try await referenced(node, of: id, call, at: path)
                        : try OpenAIItem.stored(node, at: path)))
        }
        return values
    }

    /// What is stored of an item that a client names by its id.
    private static func referenced(
        _ node: JSONNode, of id: String?, _ call: Call, at path: String
    ) async throws -> Bytes {
        guard let name = node["id"]?.string else { throw OpenAIError.missing("\(path).id") }
        guard let id, let place = OpenAIItem.place(of: name) else {
            throw OpenAIError.notFound("Item", name)
        }
        do {
            return try await OpenAIConversations(store: call.store).item(place, of: id, try call.callOptions)
                .bytes
        } catch {
            guard error.code == .notFound else { throw error }
            throw OpenAIError.notFound("Item", name)
        }
    }

    private static func limit(_ text: String?) throws(OpenAIError) -> Int {
        guard let text else { return 20 }
        guard let limit = Int(text) else { throw .wrongType("limit", expected: "an integer") }
        guard limit >= 1 else {
            throw .invalid(
                "Invalid 'limit': integer below minimum value. Expected a value >= 1, but got \(limit) instead.",
                "limit", code: "integer_below_min_value")
        }
        guard limit <= 100 else {
            throw .invalid(
                "Invalid 'limit': integer above maximum value. Expected a value <= 100, but got \(limit) instead.",
                "limit", code: "integer_above_max_value")
        }
        return limit
    }

    private static func order(_ text: String?) throws(OpenAIError) -> ListRange.Order {
        switch text {
        case nil, "desc": .descending
        case "asc": .ascending
        case let text?:
            throw .invalid(
                "Invalid value: '\(text.prefix(80))'. Supported values are: 'asc' and 'desc'.", "order",
                code: "invalid_value")
        }
    }

    /// A name for a conversation that nobody has: the same one again for the same idempotency key.
    private static func name(_ key: String?) -> String {
        let bytes: [UInt8]
        if let key {
            bytes = Array(SHA256.hash(data: Array(key.utf8)))
        } else {
            var generator = SystemRandomNumberGenerator()
            bytes = (0..<24).map { _ in UInt8.random(in: 0 ... .max, using: &generator) }
        }
        let digits = Array("0123456789abcdef".utf8)
        let text = bytes.prefix(24).flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
        return "conv_" + String(decoding: text, as: UTF8.self)
    }

    /// The conversation of a request.
    private static func found(_ call: Call, _ options: CallOptions) async throws -> Answer<Document> {
        try await naming(call) { () async throws(HoldfastError) in
            try await OpenAIConversations(store: call.store).conversation(call["conversation"], options)
        }
    }

    /// The item of a request; an id that says another type than the item has is none.
    private static func item(_ call: Call) async throws -> Answer<Item> {
        let name = call["item"]
        guard let place = OpenAIItem.place(of: name) else { throw OpenAIError.notFound("Item", name) }
        do {
            let answer = try await OpenAIConversations(store: call.store).item(
                place, of: call["conversation"], try call.callOptions)
            guard try OpenAIItem.id(answer.id, answer.bytes) == name else {
                throw OpenAIError.notFound("Item", name)
            }
            return answer
        } catch let error as HoldfastError where error.code == .notFound {
            _ = try await found(call, try call.callOptions)
            throw OpenAIError.notFound("Item", name)
        }
    }

    /// The place that the item of a request had, where there is none any more.
    private static func goneItem(_ call: Call) async throws -> Version? {
        guard let place = OpenAIItem.place(of: call["item"]) else { return nil }
        do {
            _ = try await OpenAIConversations(store: call.store).item(
                place, of: call["conversation"], try call.callOptions)
            return nil
        } catch {
            guard error.code == .notFound else { throw error }
            return place
        }
    }

    /// Runs what may find that the conversation is not there.
    private static func naming<Result: Sendable>(
        _ call: Call, _ body: () async throws(HoldfastError) -> Result
    ) async throws -> Result {
        do {
            return try await body()
        } catch {
            guard error.code == .notFound else { throw error }
            throw OpenAIError.notFound("Conversation", call["conversation"])
        }
    }
}

extension OpenAIConversationsRoutes {
    private static func reply(_ conversation: OpenAIConversations.Conversation) -> Reply {
        var body = JSONBody()
        body.object { body in
            body.member("id", conversation.id)
            body.member("object", "conversation")
            body.member("created_at", conversation.createdAt)
            body.name("metadata")
            body.value(json: conversation.metadata)
        }
        return .json(body)
    }

    private static func reply(
        _ items: [(Version, Bytes)], hasMore: Bool
    ) throws(HoldfastError) -> Reply {
        var body = JSONBody(capacity: items.reduce(256) { $0 + $1.1.count + 64 })
        try body.object { body throws(HoldfastError) in
            body.member("object", "list")
            body.name("data")
            try body.array { body throws(HoldfastError) in
                for (place, bytes) in items { try OpenAIItem.write(place, bytes, &body) }
            }
            body.name("first_id")
            try write(items.first, &body)
            body.name("last_id")
            try write(items.last, &body)
            body.member("has_more", hasMore)
        }
        return .json(body)
    }

    private static func write(_ item: (Version, Bytes)?, _ body: inout JSONBody) throws(HoldfastError) {
        if let item { body.value(try OpenAIItem.id(item.0, item.1)) } else { body.null() }
    }
}
