import Holdfast
import HoldfastModel
import Testing

@Suite("Threads: what slack-agents promises and does not do") struct ThreadsFailureTests {
    static let names = (1...11).map { "S\($0)" }

    static let table = SeedTable(
        system: "slack-agents", names: names,
        rows: [
            .init("S1", filesKeepTheirNames), .init("S2", oneConversation), .init("S3", onePrompt),
            .init("S4", anyText), .init("S5", timesAreCompared), .init("S6", ThreadsMethodTests.query),
            .init("S7", harmlessPages), .init("S8", noOrphans), .init("S9", repeatedCalls),
            .init("S10", wholeTurns),
            .init("S11") { store in
                // What is exported has a name of its own, so no caller must think of one.
                let (threads, _) = try await ThreadsMethodTests.begun(store)
                let conversation = try #require(try await threads.conversations().first)
                #expect(ThreadPage(conversation, []).fileName.hasSuffix(".html"))
                #expect(ThreadMarkdown(conversation, []).fileName.hasSuffix(".md"))
            },
        ])

    @Test("none of it happens here, on any backend", arguments: DomainBackend.there)
    func failures(backend: DomainBackend) async throws {
        try await Self.table.show(on: backend, "failures that do not happen")
    }

    @Test(
        "a deletion that is asked for again with its key leaves alone what came after it",
        arguments: DomainBackend.there)
    func deletedOnce(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, hosts: 1) { stores in
            let (threads, _) = try await ThreadsMethodTests.begun(stores[0])
            let options = WriteOptions(idempotencyKey: "gone")
            #expect(try await threads.delete("a/c/t", options) == 1)
            let (_, later) = try await ThreadsMethodTests.begun(stores[0])
            #expect(try await threads.delete("a/c/t", options) == 0)
            #expect(try await threads.allMessages(of: "a/c/t").map(\.id) == [later])
            #expect(try await threads.conversations().map(\.thread) == ["t"])
        }
    }

    @Test("five hosts that begin one conversation begin one", arguments: DomainBackend.there)
    func manyHosts(backend: DomainBackend) async throws {
        try await DomainStore.with(backend, hosts: 3) { stores in
            let ids = try await withThrowingTaskGroup(of: String.self) { group in
                for number in 0..<12 {
                    group.addTask {
                        try await stores[number % 3].threads().conversation(
                            agent: "a", channel: "c", thread: "t", channelName: "name \(number % 2)"
                        ).id
                    }
                }
                return try await group.reduce(into: Set<String>()) { $0.insert($1) }
            }
            #expect(ids.count == 1)
            #expect(try await stores[0].threads().conversations().count == 1)
        }
    }

    @Sendable private static func filesKeepTheirNames(_ store: HistoryStore) async throws {
        let (threads, message) = try await ThreadsMethodTests.begun(store)
        try await threads.append(
            .file(
                content: "{}", isUser: true, filename: "scan.png", mimetype: "image/png", sizeBytes: 284_113),
            to: message)
        let block = try #require(try await ThreadsMethodTests.blocks(threads, message).first)
        #expect(
            block.json.description == #"{"block_type":"user_file","content":{},"filename":"scan.png","#
                + #""mimetype":"image/png","size_bytes":284113}"#)
        let conversation = try #require(try await threads.conversations().first)
        let page = ThreadPage(conversation, try await threads.allMessages(of: conversation.id))
        #expect(page.html.description.contains("scan.png (284113 bytes)"))
    }

    @Sendable private static func oneConversation(_ store: HistoryStore) async throws {
        let threads = store.threads()
        let ids = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<5 {
                group.addTask { try await threads.conversation(agent: "a", channel: "c", thread: "t").id }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(ids.count == 1)
        #expect(try await threads.conversations().count == 1)
        let renamed = try await threads.conversation(
            agent: "a", channel: "c", thread: "t", channelName: "new")
        #expect(try await threads.conversation(renamed.id).content?.channelName == "new")
    }

    @Sendable private static func onePrompt(_ store: HistoryStore) async throws {
        let (threads, message) = try await ThreadsMethodTests.begun(store)
        _ = try await threads.createMessage(in: "a/c/t", by: ThreadsMethodTests.ann)
        try await threads.append(
            [
                .text("q", isUser: true),
                .file(
                    content: #"{"data":"AA=="}"#, isUser: true, filename: "f", mimetype: "text/plain",
                    sizeBytes: 1), .usage(TokenUsage(model: "m")),
            ], to: message)
        #expect(try await threads.prompt(of: "a/c/t") == [#"{"role":"user","content":"q"}"#])
    }

    @Sendable private static func anyText(_ store: HistoryStore) async throws {
        let (threads, message) = try await ThreadsMethodTests.begun(store)
        let raw: Bytes =
            #"{"block_type":"tool_use","content":{"tool_call_id":"t","tool_name":"n","tool_output":"a\u0000\ud83db"}}"#
        try await threads.append(NewBlock(json: raw), to: message)
        #expect(try await ThreadsMethodTests.blocks(threads, message).map(\.json) == [raw])
        let conversation = try #require(try await threads.conversations().first)
        let messages = try await threads.allMessages(of: conversation.id)
        #expect(ThreadPage(conversation, messages).html.validatedString?.contains("a␀") == true)
        #expect(ThreadMarkdown(conversation, messages).markdown.validatedString != nil)
        #expect(try await threads.prompt(of: "a/c/t").last?.description.contains(#"a\u0000\ud83db"#) == true)
    }

    @Sendable private static func timesAreCompared(_ store: HistoryStore) async throws {
        let threads = store.threads()
        let conversation = try await threads.conversation(agent: "a", channel: "c", thread: "t")
        let time = try #require(Timestamp("2026-01-02 10:00:00"))
        _ = try await threads.createMessage(in: conversation.id, by: ThreadsMethodTests.ann, at: time)
        let midnight = try #require(Timestamp("2026-01-02T00:00:00+00:00"))
        #expect(try await threads.conversationsForExport(agent: "a", from: midnight).count == 1)
        #expect(try await threads.conversationsForExport(agent: "a", to: midnight).isEmpty)
    }

    @Sendable private static func harmlessPages(_ store: HistoryStore) async throws {
        let threads = store.threads()
        let evil = #"</pre><script>alert(1)</script><img src=x onerror="a()">"#
        let conversation = try await threads.conversation(
            agent: "../../etc/\(evil)", channel: "c/../..", thread: "t", channelName: evil)
        let user = ThreadUser(id: "=cmd|' /C calc'!A0", name: evil, handle: "@x,\"y\"")
        let picture: Bytes = #"{"data":"AA==\"><script>"}"#
        _ = try await threads.createMessage(
            in: conversation.id, by: user,
            blocks: [
                .text(evil, isUser: true), .text("```\n# x\n````"),
                .file(
                    content: picture, isUser: true, filename: "a/../\(evil)", mimetype: "image/png\"",
                    sizeBytes: 1),
                .toolCall(id: "t", name: evil, input: #"{"<script>":"<script>"}"#, output: #""<script>""#),
                .usage(TokenUsage(model: evil, estimatedCost: Filter.Scalar(json: "0.5"))),
                NewBlock(json: #"{"block_type":"<script>","content":{"x":"<script>"}}"#),
            ])
        let messages = try await threads.allMessages(of: conversation.id)
        let page = ThreadPage(conversation, messages)
        let html = page.html.description
        #expect(!html.contains("<script"))
        #expect(!html.contains("<img"))
        #expect(!page.fileName.contains("/") && !page.fileName.hasPrefix("."))
        let markdown = ThreadMarkdown(conversation, messages).markdown.description
        #expect(markdown.contains("\n`````\n```\n# x\n````\n`````\n"))
        let rows = UsageTable.rows(conversation, messages).description
        #expect(UsageTable.columns.count == 20)
        #expect(rows.contains(",'=cmd|' /C calc'!A0,"))
        #expect(rows.contains(#","'@x,""y""","#))
        #expect(rows.hasSuffix(",0,0,0,0,0,0.5\r\n"))
    }

    @Sendable private static func noOrphans(_ store: HistoryStore) async throws {
        let (threads, message) = try await ThreadsMethodTests.begun(store)
        for wrong in [message + "0", "a/c/t/0123", "a", String(message.dropLast()) + "x"] {
            let error = await #expect(throws: HoldfastError.self) {
                try await threads.append(.text("x"), to: wrong)
            }
            #expect(error?.code == .notFound)
        }
        try await threads.delete("a/c/t")
        let error = await #expect(throws: HoldfastError.self) {
            try await threads.append(.text("x"), to: message)
        }
        #expect(error?.code == .notFound)
        #expect(try await store.lists(Threads.blockNamespace).count().content == 0)
    }

    @Sendable private static func repeatedCalls(_ store: HistoryStore) async throws {
        for thread in ["t1", "t2"] {
            let (threads, message) = try await ThreadsMethodTests.begun(store, thread)
            for name in ["first", "second"] {
                try await threads.append(
                    .toolCall(id: "call_1", name: "\(name) in \(thread)", input: "{}", output: "0"),
                    to: message)
            }
        }
        let threads = store.threads()
        let all = try await threads.toolCalls("call_1").content
        #expect(all.map(\.name) == ["first in t1", "second in t1", "first in t2", "second in t2"])
        let scoped = try await threads.toolCalls("call_1", in: "a/c/t2").content
        #expect(scoped.map(\.name) == ["first in t2", "second in t2"])
    }

    @Sendable private static func wholeTurns(_ store: HistoryStore) async throws {
        let threads = store.threads()
        let conversation = try await threads.conversation(agent: "a", channel: "c", thread: "t")
        let wrong = [
            NewBlock.text("q", isUser: true), NewBlock(json: #"{"block_type":"tool_use","content":{}}"#),
        ]
        await #expect(throws: HoldfastError.self) {
            try await threads.createMessage(in: conversation.id, by: ThreadsMethodTests.ann, blocks: wrong)
        }
        #expect(try await threads.allMessages(of: conversation.id).isEmpty)
        for number in 0..<5 {
            _ = try await threads.createMessage(
                in: conversation.id, by: ThreadsMethodTests.ann,
                blocks: [
                    .text("\(number)", isUser: true),
                    .toolCall(id: "t\(number)", name: "n", input: "{}", output: "0"), .text("done"),
                    .usage(TokenUsage(model: "m")),
                ])
        }
        let page = try await threads.messages(of: conversation.id, limit: 2)
        #expect(page.allSatisfy { $0.blocks.map(\.type) == ["user_text", "tool_use", "text", "usage"] })
        let rest = try await threads.messages(of: conversation.id, limit: 9, after: page.next)
        #expect(page.count + rest.count == 5)
        _ = try await ThreadsMethodTests.begun(store, "other")
        #expect(try await threads.delete(conversation.id) == 5)
        #expect(try await threads.delete(conversation.id) == 0)
        #expect(try await threads.toolCalls("t3").content.isEmpty)
        #expect(try await store.usage().sums().content.isEmpty)
        #expect(try await threads.conversations().map(\.thread) == ["other"])
        #expect(try await threads.allMessages(of: "a/c/other").count == 1)
    }
}
