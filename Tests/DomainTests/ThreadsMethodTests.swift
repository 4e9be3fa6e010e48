import Holdfast
import HoldfastModel
import Testing

@Suite("Threads: every method of slack-agents") struct ThreadsMethodTests {
    static let names = [
        "initialize", "close", "get", "set", "delete", "append", "get_list", "query", "supports_export",
        "get_or_create_conversation", "has_conversation", "create_message", "get_message_blocks",
        "append_text_block", "append_file_block", "append_tool_block", "append_usage_block", "get_tool_call",
        "upsert_heartbeat", "get_heartbeat", "get_conversations_for_export", "get_messages_with_blocks",
        "ConversationManager",
    ]
    static let ann = ThreadUser(id: "U1", name: "Ann", handle: "ann")

    static let table = SeedTable(
        system: "slack-agents", names: names,
        rows: primitiveRows + [
            .init("supports_export") { store in #expect(store.threads().supportsExport) },
            .init("get_or_create_conversation", getOrCreate),
            .init("has_conversation") { store in
                let threads = store.threads()
                func has(_ thread: String) async throws -> Bool {
                    try await threads.hasConversation(agent: "a", channel: "c", thread: thread)
                }
                #expect(try await has("t") == false)
                _ = try await threads.conversation(agent: "a", channel: "c", thread: "t")
                #expect(try await has("t"))
                #expect(try await has("t/") == false)
            },
            .init("create_message", createMessage),
            .init("get_message_blocks", getMessageBlocks),
            .init("append_text_block") { store in
                let (threads, message) = try await begun(store)
                try await threads.append(
                    .text("hi \u{0} \u{1F600}", isUser: true, sourceFile: "F1"), to: message)
                try await threads.append(.text("<b>&"), to: message)
                let blocks = try await blocks(threads, message)
                #expect(blocks.map(\.type) == ["user_text", "text"])
                #expect(
                    blocks[0].json
                        == Bytes(
                            #"{"block_type":"user_text","content":{"text":"hi \u0000 😀"},"source_file_id":"F1"}"#
                        ))
            },
            .init("append_file_block") { store in
                let (threads, message) = try await begun(store)
                let content: Bytes = #"{ "type":"image", "source":{"data":"AA=="} }"#
                let tool = try await threads.append(
                    .toolCall(id: "t", name: "draw", input: "{}", output: "null"), to: message)
                let file = try await threads.append(
                    .file(
                        content: content, isUser: false, filename: "../a/b.png", mimetype: "image/png",
                        sizeBytes: 284_113, toolBlock: tool), to: message)
                let blocks = try await blocks(threads, message)
                #expect(blocks.map(\.id) == [tool, file])
                #expect(blocks[1].type == "file")
                let text = blocks[1].json.description
                #expect(
                    text.contains(#""content":\#(content),"filename":"../a/b.png","mimetype":"image/png""#))
                #expect(text.contains(#""size_bytes":284113"#))
            },
            .init("append_tool_block", appendTool), .init("append_usage_block", appendUsage),
            .init("get_tool_call", getToolCall),
            .init("upsert_heartbeat") { store in
                let threads = store.threads()
                try await threads.beat("a/b", lastPingPongTime: 1_767_325_200.25)
                try await threads.beat("a/b", lastPingPongTime: 1_767_325_210.5)
                #expect(try await threads.heartbeats().map(\.lastPingPongTime) == [1_767_325_210.5])
                let error = await #expect(throws: HoldfastError.self) {
                    try await threads.beat("a", lastPingPongTime: .nan)
                }
                #expect(error?.code == .invalid)
            },
            .init("get_heartbeat") { store in
                let threads = store.threads()
                #expect(try await threads.heartbeat(of: "a").content == nil)
                try await threads.beat("a", lastPingPongTime: 12.5)
                #expect(try await threads.heartbeat(of: "a").content?.lastPingPongTime == 12.5)
            },
            .init("get_conversations_for_export", forExport),
            .init("get_messages_with_blocks", messagesWithBlocks),
            .init("ConversationManager", prompt),
        ])

    @Test("each does what it promises, on every backend", arguments: DomainBackend.there)
    func methods(backend: DomainBackend) async throws {
        try await Self.table.show(on: backend, "methods")
    }

    @Test("on a chain of primary, backup and log it is the same")
    func chain() async throws { try await Self.table.showOnChain("methods") }

    static func begun(_ store: HistoryStore, _ thread: String = "t") async throws -> (Threads, String) {
        let threads = store.threads()
        let conversation = try await threads.conversation(agent: "a", channel: "c", thread: thread)
        return (threads, try await threads.createMessage(in: conversation.id, by: ann).id)
    }

    static func blocks(_ threads: Threads, _ message: String) async throws -> [Block] {
        let conversation = String(message.dropLast(33))
        return try await threads.allMessages(of: conversation).first { $0.id == message }?.blocks ?? []
    }

    @Sendable private static func getOrCreate(_ store: HistoryStore) async throws {
        let threads = store.threads()
        let first = try await threads.conversation(agent: "a", channel: "c/1", thread: "1700.5")
        #expect(first.channelName == nil)
        #expect(try await threads.conversation(agent: "a", channel: "c/1", thread: "1700.5") == first)
        let named = try await threads.conversation(
            agent: "a", channel: "c/1", thread: "1700.5", channelName: "general")
        #expect(named.id == first.id)
        #expect(named.channelName == "general")
        #expect(named.createdAt == first.createdAt)
        let again = try await threads.conversation(agent: "a", channel: "c/1", thread: "1700.5")
        #expect(again.channelName == "general")
        var ids: Set<String> = [first.id]
        for (agent, channel, thread) in [
            ("a", "c", "1/1700.5"), ("a/c", "1", "1700.5"), ("b", "c/1", "1700.5"), ("a", "", "😀%_#.."),
        ] {
            ids.insert(try await threads.conversation(agent: agent, channel: channel, thread: thread).id)
        }
        #expect(ids.count == 5)
        #expect(try await threads.conversations().count == 5)
        #expect(try await threads.conversations(of: "a").count == 3)
    }

    @Sendable private static func createMessage(_ store: HistoryStore) async throws {
        let threads = store.threads()
        let conversation = try await threads.conversation(agent: "a", channel: "c", thread: "t")
        let first = try await threads.createMessage(in: conversation.id, by: ann)
        #expect(first.conversation == conversation.id)
        #expect(first.user == ann)
        let options = WriteOptions(idempotencyKey: "once")
        let second = try await threads.createMessage(
            in: conversation.id, by: ann, blocks: [.text("x", isUser: true)], options)
        let retried = try await threads.createMessage(
            in: conversation.id, by: ann, blocks: [.text("x", isUser: true)], options)
        #expect(second.id == retried.id)
        let all = try await threads.allMessages(of: conversation.id)
        #expect(all.map(\.id) == [first.id, second.id])
        #expect(all[1].blocks.count == 1)
        let error = await #expect(throws: HoldfastError.self) {
            try await threads.createMessage(in: "a/c/none", by: ann)
        }
        #expect(error?.code == .notFound)
    }

    @Sendable private static func getMessageBlocks(_ store: HistoryStore) async throws {
        let (threads, message) = try await begun(store)
        _ = try await threads.createMessage(in: "a/c/t", by: ann)
        let pdf: Bytes = #"{"data":"AA==","filename":"c.pdf","mimeType":"application/pdf"}"#
        try await threads.append(
            [
                .text("look", isUser: true),
                .file(
                    content: pdf, isUser: true, filename: "c.pdf", mimetype: "application/pdf", sizeBytes: 1),
                .file(
                    content: #"{"type":"image"}"#, isUser: true, filename: "i", mimetype: "image/png",
                    sizeBytes: 1), .toolCall(id: "t", name: "n", input: "{}", output: #""o""#),
                .file(content: "{}", isUser: false, filename: "f", mimetype: "m", sizeBytes: 1),
                .usage(TokenUsage(model: "m")), .text("done"),
            ], to: message)
        let messages = try await threads.allMessages(of: "a/c/t", .forModel)
        #expect(messages.map(\.id) == [message])
        #expect(messages[0].blocks.map(\.type) == ["user_text", "user_file", "tool_use", "text"])
        #expect(messages[0].blocks[1].json.description.contains("image"))
    }

    @Sendable private static func appendTool(_ store: HistoryStore) async throws {
        let (threads, message) = try await begun(store)
        let raw: Bytes =
            #"{"block_type":"tool_use","content":{"tool_call_id":"c\/1","tool_output":"\ud83d\u0000","n":1.0},"x":[]}"#
        let id = try await threads.append(NewBlock(json: raw), to: message)
        let stored = try #require(try await blocks(threads, message).first)
        #expect(stored.id == id)
        #expect(stored.json == raw)
        let other: Bytes = #"{"block_type":"text","content":{"text":"t","tool_call_id":"c/1"}}"#
        try await threads.append(NewBlock(json: other), to: message)
        #expect(try await threads.toolCalls("c/1").content.map(\.block.id) == [id])
        for wrong: Bytes in [
            "[]", "{}", #"{"block_type":"tool_use"}"#, #"{"block_type":"tool_use","content":{}}"#,
            #"{"block_type":"tool_use","content":{"tool_call_id":7}}"#,
        ] {
            let error = await #expect(throws: HoldfastError.self) {
                try await threads.append(NewBlock(json: wrong), to: message)
            }
            #expect(error?.code == .invalid)
        }
    }

    @Sendable private static func appendUsage(_ store: HistoryStore) async throws {
        let (threads, message) = try await begun(store)
        let usage = TokenUsage(
            model: "m", version: "1.4.0", inputTokens: 18_231, outputTokens: 412,
            cacheCreationInputTokens: 1200, cacheReadInputTokens: 16_000, peakSingleCallInputTokens: 9800,
            estimatedCost: Filter.Scalar(json: "0.0213"))
        try await threads.append(.usage(usage), to: message)
        let block = try #require(try await blocks(threads, message).first)
        #expect(
            block.json.description == #"{"block_type":"usage","content":{"model":"m","version":"1.4.0","#
                + #""input_tokens":18231,"output_tokens":412,"cache_creation_input_tokens":1200,"#
                + #""cache_read_input_tokens":16000,"peak_single_call_input_tokens":9800,"#
                + #""estimated_cost_usd":0.0213}}"#)
        let sums = try await store.usage().sums(by: [.agent, .model, .conversation])
        #expect(sums.content.map(\.by) == [["a", "m", "a/c/t"]])
        #expect(sums.content[0].total.estimatedCost == Filter.Scalar(json: "0.0213"))
    }

    @Sendable private static func getToolCall(_ store: HistoryStore) async throws {
        let (threads, message) = try await begun(store)
        #expect(try await threads.toolCalls("toolu").content.isEmpty)
        try await threads.append(
            .toolCall(
                id: "toolu", name: "search", input: #"{"q":"x","n":[1,{}],"e":[]}"#, output: #""[{}]""#,
                isError: true), to: message)
        try await threads.append(.toolCall(id: "toolu/2", name: "n", input: "{}", output: "1"), to: message)
        let calls = try await threads.toolCalls("toolu")
        let call = try #require(calls.content.first)
        #expect(calls.count == 1)
        #expect(call.name == "search")
        #expect(call.isError)
        #expect(call.input == #"{"q":"x","n":[1,{}],"e":[]}"#)
        #expect(call.output == #""[{}]""#)
        #expect(call.indentedInput == "{\n  \"q\": \"x\",\n  \"n\": [\n    1,\n    {}\n  ],\n  \"e\": []\n}")
        #expect(call.conversation == "a/c/t")
    }

    @Sendable private static func forExport(_ store: HistoryStore) async throws {
        let threads = store.threads()
        for (number, handle) in ["ann", "bob", "ann"].enumerated() {
            let conversation = try await threads.conversation(agent: "a", channel: "c", thread: "t\(number)")
            let user = ThreadUser(id: handle, name: handle, handle: handle)
            let time = try #require(Timestamp("2026-01-0\(number + 1)T10:00:00Z"))
            _ = try await threads.createMessage(in: conversation.id, by: user, at: time)
            _ = try await threads.createMessage(
                in: conversation.id, by: ThreadUser(id: "x", name: "x", handle: "x"), at: time)
        }
        _ = try await threads.conversation(agent: "a", channel: "c", thread: "without")
        _ = try await threads.conversation(agent: "a2", channel: "c", thread: "other")
        func found(_ handle: String? = nil, _ from: String? = nil, _ to: String? = nil) async throws
            -> [String]
        {
            try await threads.conversationsForExport(
                agent: "a", handle: handle, from: from.flatMap { Timestamp($0) },
                to: to.flatMap { Timestamp($0) }
            ).map(\.thread)
        }
        #expect(try await found() == ["t0", "t1", "t2", "without"])
        #expect(try await found("ann") == ["t0", "t2"])
        #expect(try await found(nil, "2026-01-02") == ["t1", "t2"])
        #expect(try await found(nil, nil, "2026-01-02") == ["t0"])
        #expect(try await found("ann", "2026-01-02T11:00:00+01:00") == ["t2"])
        #expect(try await found(nil, "2026-01-02T10:00:00Z", "2026-01-02 11:00:00+01:00") == ["t1"])
        #expect(try await found("nobody") == [])
    }

    @Sendable private static func messagesWithBlocks(_ store: HistoryStore) async throws {
        let (threads, first) = try await begun(store)
        let second = try await threads.createMessage(
            in: "a/c/t", by: ann, blocks: [.text("q", isUser: true), .usage(TokenUsage(model: "m"))])
        _ = try await begun(store, "t2")
        let all = try await threads.allMessages(of: "a/c/t")
        #expect(all.map(\.id) == [first, second.id])
        #expect(all.map { $0.blocks.map(\.type) } == [[], ["user_text", "usage"]])
        let page = try await threads.messages(of: "a/c/t", limit: 1)
        #expect(page.map(\.id) == [first])
        #expect(try await threads.messages(of: "a/c/t", limit: 5, after: page.next).map(\.id) == [second.id])
        #expect(try await threads.allMessages(of: "a/c").isEmpty)
    }

    @Sendable private static func prompt(_ store: HistoryStore) async throws {
        let (threads, message) = try await begun(store)
        try await threads.append(
            [
                .text("check \"this\"", isUser: true), .text("Let me look."),
                .toolCall(id: "t1", name: "s", input: #"{"q": 1.0}"#, output: #""r1""#),
                .toolCall(id: "t2", name: "s", input: "{}", output: #""r2""#, isError: true),
                .usage(TokenUsage(model: "m")), .text("Done."),
            ], to: message)
        _ = try await threads.createMessage(
            in: "a/c/t", by: ann,
            blocks: [
                .text("and", isUser: true),
                .file(
                    content: #"{"type":"image","source":{}}"#, isUser: true, filename: "f",
                    mimetype: "image/png", sizeBytes: 1),
            ])
        #expect(
            try await threads.prompt(of: "a/c/t") == [
                #"{"role":"user","content":"check \"this\""}"#,
                Bytes(
                    #"{"role":"assistant","content":[{"type":"text","text":"Let me look."},"#
                        + #"{"type":"tool_use","id":"t1","name":"s","input":{"q": 1.0}},"#
                        + #"{"type":"tool_use","id":"t2","name":"s","input":{}}]}"#),
                Bytes(
                    #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"t1","content":"r1"},"#
                        + #"{"type":"tool_result","tool_use_id":"t2","content":"r2","is_error":true}]}"#),
                #"{"role":"assistant","content":"Done."}"#,
                #"{"role":"user","content":[{"type":"text","text":"and"},{"type":"image","source":{}}]}"#,
            ])
    }
}
