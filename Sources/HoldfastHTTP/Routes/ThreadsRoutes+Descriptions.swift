internal import HTTPTypes

extension ThreadsRoutes {
    private static let conversation = RouteParameter.path(
        "conversation", "The id of a conversation, percent-encoded as one segment.")
    private static let agent = RouteParameter.query("agent", .text, "Only conversations of this agent.")
    private static let target = "/v1/threads/helper%2FC1%2F1700.1"

    static let listDescription = RouteDescription(
        method: .get, path: "/v1/threads", id: "listThreads",
        summary: "Pages through conversations in the order in which they were begun.", access: .read,
        parameters: [agent, .limit, .cursor], outcome: .json("A page of conversations.", .page),
        examples: [RouteExample(target: "/v1/threads?agent=nobody", answer: #"{"data":[],"next":null}"#)])
    static let beginDescription = RouteDescription(
        method: .post, path: "/v1/threads", id: "beginThread",
        summary: "Finds the conversation of a thread or begins it; whoever asks at once gets the same.",
        access: .write, parameters: RouteParameter.writing,
        content: .json("An object with `agent_name`, `channel_id`, `thread_id` and perhaps `channel_name`."),
        shape: .object,
        outcome: .json("The conversation."),
        examples: [
            RouteExample(
                target: "/v1/threads",
                body:
                    #"{"agent_name":"helper","channel_id":"C1","thread_id":"1700.1","channel_name":"general"}"#,
                answer: #"{"id":"helper/C1/1700.1","agent_name":"helper""#),
            RouteExample(target: "/v1/threads", body: "{}", status: 400),
        ])
    static let readDescription = RouteDescription(
        method: .get, path: "/v1/threads/{conversation}", id: "getThread",
        summary: "Reads a conversation without its messages.", access: .read, parameters: [conversation],
        outcome: .json("The conversation."),
        examples: [
            RouteExample(target: target, answer: #"{"id":"helper/C1/1700.1""#),
            RouteExample(target: "/v1/threads/none", status: 404),
        ])
    static let createDescription = RouteDescription(
        method: .post, path: "/v1/threads/{conversation}/messages", id: "createThreadMessage",
        summary: "Begins a message, with all of its blocks or the first, in one step.", access: .write,
        parameters: [conversation] + RouteParameter.writing,
        content: .json(
            "An object with `user_id`, `user_name`, `user_handle`, and perhaps `created_at` and `blocks`."),
        shape: .object,
        outcome: .json("The message without its blocks."),
        examples: [
            RouteExample(
                target: target + "/messages",
                body: """
                    {"user_id":"U1","user_name":"Ann","user_handle":"ann","blocks":[\
                    {"block_type":"user_text","content":{"text":"What does clause 9 say?"}},\
                    {"block_type":"text","content":{"text":"It ends after 30 days."}}]}
                    """, answer: #"{"id":"helper/C1/1700.1/"#),
            RouteExample(target: "/v1/threads/none/messages", body: "{}", status: 404),
        ])
    static let appendDescription = RouteDescription(
        method: .post, path: "/v1/thread-messages/{message}/blocks", id: "appendThreadBlocks",
        summary: "Appends one block to a message or many, all or none.", access: .write,
        parameters: [.path("message", "The id of a message, percent-encoded as one segment.")]
            + RouteParameter.writing,
        content: .json("An object with `block_type` and `content`, or an array of them."),
        outcome: .json("The ids of the blocks.", .ids),
        examples: [
            RouteExample(
                target: "/v1/thread-messages/none/blocks",
                body: #"{"block_type":"text","content":{"text":"x"}}"#, status: 404)
        ])
    static let messagesDescription = RouteDescription(
        method: .get, path: "/v1/threads/{conversation}/messages", id: "listThreadMessages",
        summary: "Pages through the messages of a conversation with their blocks, oldest first.",
        access: .read,
        parameters: [
            conversation,
            .query(
                "detail", .choice(["everything", "model"]), "Every block, or what a model is told.",
                fallback: "everything"), .limit, .cursor,
        ], outcome: .json("A page of messages.", .page),
        examples: [
            RouteExample(
                target: target + "/messages?detail=model", answer: #"{"data":[{"id":"helper/C1/1700.1/"#)
        ])
    static let promptDescription = RouteDescription(
        method: .get, path: "/v1/threads/{conversation}/prompt", id: "getThreadPrompt",
        summary: "Rebuilds what a model is told when the conversation goes on.", access: .read,
        parameters: [conversation], outcome: .json("Its messages, each with `role` and `content`."),
        examples: [
            RouteExample(
                target: target + "/prompt",
                answer: #"{"messages":[{"role":"user","content":"What does clause 9 say?"}"#)
        ])
    static let pageDescription = RouteDescription(
        method: .get, path: "/v1/threads/{conversation}/page", id: "getThreadPage",
        summary: "Shows a conversation to a person; nothing in it runs.", access: .read,
        parameters: [
            conversation,
            .query(
                "format", .choice(["html", "markdown"]), "What the page is written in.", fallback: "html"),
        ], outcome: .text("The page.", ["text/html", "text/markdown"]),
        examples: [
            RouteExample(target: target + "/page", answer: "<!DOCTYPE html>"),
            RouteExample(target: target + "/page?format=markdown", answer: "# helper"),
        ])
    static let callsDescription = RouteDescription(
        method: .get, path: "/v1/tool-calls/{call}", id: "findToolCalls",
        summary: "Finds the calls of tools that have an id, oldest first.", access: .read,
        parameters: [
            .path("call", "What the model called it, percent-encoded."),
            .query("conversation", .text, "Only in this conversation."), .limit,
        ], outcome: .json("The calls."),
        examples: [RouteExample(target: "/v1/tool-calls/none", answer: #"{"data":[],"next":null}"#)])
    static let exportDescription = RouteDescription(
        method: .get, path: "/v1/thread-exports", id: "listThreadsForExport",
        summary: "Finds the conversations of an agent with a message that satisfies all that is given.",
        access: .read,
        parameters: [
            .query("agent", .text, "Whose conversations."),
            .query("handle", .text, "Only with a message that this person began."),
            .query(
                "from", .text, "Only with a message that was begun then or later; a date is its midnight."),
            .query("to", .text, "Only with a message that was begun then or earlier."),
        ], outcome: .json("All of them, in the order in which they were begun."),
        examples: [
            RouteExample(
                target: "/v1/thread-exports?agent=helper&handle=ann&from=2024-01-01",
                answer: #"{"data":[{"id":"helper/C1/1700.1""#),
            RouteExample(target: "/v1/thread-exports?agent=helper&to=soon", status: 400),
        ])
    static let deleteDescription = RouteDescription(
        method: .delete, path: "/v1/threads/{conversation}", id: "deleteThread",
        summary: "Deletes a conversation with its messages, blocks, calls and cost.", access: .write,
        parameters: [conversation] + RouteParameter.writing,
        outcome: .json("How many messages were deleted."),
        examples: [RouteExample(target: target, answer: #"{"messages":1}"#)])
}
