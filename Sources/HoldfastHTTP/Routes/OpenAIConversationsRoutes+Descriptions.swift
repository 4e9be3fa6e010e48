internal import HTTPTypes

extension OpenAIConversationsRoutes {
    private static let conversation = RouteParameter.path("conversation", "The id of the conversation.")
    private static let item = RouteParameter.path("item", "The id of the item.")
    private static let path = "/v1/conversations"
    private static let onePath = "/v1/conversations/{conversation}"
    private static let itemsPath = "/v1/conversations/{conversation}/items"
    private static let itemPath = "/v1/conversations/{conversation}/items/{item}"
    private static let missing =
        #"{"error":{"message":"Conversation with id 'conv_0' not found.","type":"invalid_request_error","#

    /// What OpenAI leaves out unless it is asked for; here what was stored comes back whole.
    private static let including = ["include", "include[]"].map {
        RouteParameter.query(
            $0, .text, "Taken and without effect: what was stored comes back whole.", repeats: true)
    }

    static let createDescription = RouteDescription(
        method: .post, path: path, id: "createConversation",
        summary: "Makes a conversation of OpenAI's API, with up to 20 items and 16 notes about it.",
        access: .write, parameters: RouteParameter.writing,
        content: .optionalJSON("`items` and `metadata`, both optional."), shape: .object,
        outcome: .json("The conversation: `id`, `object`, `created_at`, `metadata`."), wording: .openAI,
        examples: [
            RouteExample(
                target: path,
                body: #"{"metadata":{"topic":"demo"},"items":[{"role":"user","content":"Hello!"}]}"#,
                answer: #"{"id":"conv_"#)
        ])
    static let retrieveDescription = RouteDescription(
        method: .get, path: onePath, id: "retrieveConversation", summary: "Reads a conversation.",
        access: .read, parameters: [conversation], outcome: .json("The conversation."), wording: .openAI,
        examples: [RouteExample(target: "\(path)/conv_0", status: 404, answer: missing)])
    static let updateDescription = RouteDescription(
        method: .post, path: onePath, id: "updateConversation",
        summary: "Replaces what is noted about a conversation.", access: .write,
        parameters: [conversation] + RouteParameter.writing,
        content: .json("`metadata`: up to 16 names of 64 characters, texts of 512."), shape: .object,
        outcome: .json("The conversation."), wording: .openAI,
        examples: [
            RouteExample(
                target: "\(path)/conv_0", body: #"{"metadata":{"topic":"demo"}}"#, status: 404,
                answer: missing)
        ])
    static let deleteDescription = RouteDescription(
        method: .delete, path: onePath, id: "deleteConversation",
        summary: "Removes a conversation with all its items.", access: .write,
        parameters: [conversation] + RouteParameter.writing,
        outcome: .json("`id`, `object` and `deleted`."), wording: .openAI,
        examples: [RouteExample(target: "\(path)/conv_0", status: 404, answer: missing)])
    static let createItemsDescription = RouteDescription(
        method: .post, path: itemsPath, id: "createConversationItems",
        summary: "Appends 1 to 20 items, all or none.", access: .write,
        parameters: [conversation] + including + RouteParameter.writing,
        content: .json("`items`: messages, calls of tools, what they returned, thoughts."), shape: .object,
        outcome: .json("A list of the items with their ids."), wording: .openAI,
        examples: [
            RouteExample(
                target: "\(path)/conv_0/items", body: #"{"items":[{"role":"user","content":"Hello!"}]}"#,
                status: 404, answer: missing)
        ])
    static let listItemsDescription = RouteDescription(
        method: .get, path: itemsPath, id: "listConversationItems",
        summary: "Pages through the items of a conversation.", access: .read,
        parameters: [
            conversation,
            .query("after", .text, "Only items after the one with this id, in the order asked for."),
            RouteParameter.query(
                "limit", .integer, "At most so many, 1 to 100.", fallback: "20", bounds: 1...100
            ).checkedByRoute,
            RouteParameter.query(
                "order", .choice(["asc", "desc"]), "Oldest or newest first.", fallback: "desc"
            ).checkedByRoute,
        ] + including,
        outcome: .json("`data`, `first_id`, `last_id`, `has_more`."), wording: .openAI,
        examples: [RouteExample(target: "\(path)/conv_0/items", status: 404, answer: missing)])
    static let retrieveItemDescription = RouteDescription(
        method: .get, path: itemPath, id: "retrieveConversationItem", summary: "Reads an item.",
        access: .read, parameters: [conversation, item] + including, outcome: .json("The item."),
        wording: .openAI,
        examples: [
            RouteExample(
                target: "\(path)/conv_0/items/msg_0", status: 404,
                answer: #"{"error":{"message":"Item with id 'msg_0' not found.","#)
        ])
    static let deleteItemDescription = RouteDescription(
        method: .delete, path: itemPath, id: "deleteConversationItem", summary: "Removes an item.",
        access: .write, parameters: [conversation, item] + RouteParameter.writing,
        outcome: .json("The conversation."), wording: .openAI,
        examples: [
            RouteExample(
                target: "\(path)/conv_0/items/msg_0", status: 404,
                answer: #"{"error":{"message":"Item with id 'msg_0' not found.","#)
        ])
}
