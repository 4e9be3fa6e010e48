import Holdfast
import HoldfastModel
import Testing

/// The 24 methods of Kode's `Store`.
enum AgentStoreCases {
    static let all = messages + records + events + history + snapshots + lifecycle

    private static let messages = [
        AgentCase("saveMessages") { agents in
            let first = try await agents.saveMessages(AgentSample.messages("a", "b"), of: "m1")
            #expect(first.appended.count == 2)
            let before = try await agents.loadMessages(of: "m1")
            let second = try await agents.saveMessages(AgentSample.messages("a", "b", "c"), of: "m1")
            #expect(second.keptCount == 2 && second.appended.count == 1)
            let same = try await agents.saveMessages(AgentSample.messages("a", "b", "c"), of: "m1")
            #expect(same.receipt == nil && same.keptCount == 3)
            let after = try await agents.loadMessages(of: "m1")
            #expect(Array(after.prefix(2)) == before.elements)
            let shorter = try await agents.saveMessages(AgentSample.messages("s", "b", "c"), of: "m1")
            #expect(shorter.editedCount == 1 && shorter.keptCount == 2)
            let compressed = try await agents.saveMessages(AgentSample.messages("z", "c"), of: "m1")
            #expect(compressed.editedCount == 1 && compressed.removedCount == 1 && compressed.keptCount == 1)
            let loaded = try await agents.loadMessages(of: "m1")
            #expect(loaded.map(\.json) == AgentSample.messages("z", "c"))
            #expect(loaded.last?.id == after.last?.id)
            try await agents.saveMessages(AgentSample.messages("z"), of: "m1")
            try await agents.saveMessages(AgentSample.messages("z", "d"), of: "m1")
            #expect(try await agents.loadMessages(of: "m1").map(\.json) == AgentSample.messages("z", "d"))
            let last = try await agents.loadMessages(of: "m1").last?.id
            try await agents.saveMessages(AgentSample.messages("z", "d", "e"), of: "m1", ifLast: last)
            try await agents.saveMessages(AgentSample.messages("z", "d"), of: "m1")
            try await agents.appendMessages(AgentSample.messages("f"), to: "m1", ifLast: last)
            let late = await #expect(throws: HoldfastError.self) {
                try await agents.appendMessages(AgentSample.messages("g"), to: "m1", ifLast: last)
            }
            #expect(late?.code == .conflict)
            try await agents.saveMessages([], of: "m1")
            #expect(try await agents.loadMessages(of: "m1").isEmpty)
        },
        AgentCase("loadMessages") { agents in
            #expect(try await agents.loadMessages(of: "nobody").isEmpty)
            let odd = Bytes(#"{ "role" : "tool","x":1.0,"x":9223372036854775808,"c":"\u0000\ud800" }"#)
            try await agents.appendMessages([odd], to: "m2")
            try await agents.appendMessages(AgentSample.messages("b"), to: "m2")
            let loaded = try await agents.loadMessages(of: "m2")
            #expect(loaded.first?.json == odd && loaded.count == 2)
            #expect(try await agents.messages(of: "m2", .latest(1)).map(\.json) == AgentSample.messages("b"))
        },
    ]

    private static let records = [
        AgentCase("saveToolCallRecords") { agents in
            let three = [AgentSample.call("x"), AgentSample.call("y"), AgentSample.call("z")]
            try await agents.saveToolCallRecords(three, of: "t1")
            let again = try await agents.saveToolCallRecords(three, of: "t1")
            #expect(again == nil)
            let changed = [
                AgentSample.call("x"), AgentSample.call("z", state: "FAILED"), AgentSample.call("a"),
            ]
            try await agents.saveToolCallRecords(changed, of: "t1")
            #expect(try await agents.loadToolCallRecords(of: "t1").map(\.json) == changed)
            let turned = [AgentSample.call("a"), AgentSample.call("x")]
            try await agents.saveToolCallRecords(turned, of: "t1")
            #expect(try await agents.loadToolCallRecords(of: "t1").map(\.id) == ["a", "x"])
            try await agents.saveToolCallRecords([], of: "t1")
            #expect(try await agents.loadToolCallRecords(of: "t1").isEmpty)
        },
        AgentCase("loadToolCallRecords") { agents in
            #expect(try await agents.loadToolCallRecords(of: "nobody").isEmpty)
            let pending = AgentSample.call("c/1%", state: "PENDING")
            let first = try await agents.saveToolCallRecord(pending, of: "t2")
            let denied = AgentSample.call(
                "c/1%", state: "DENIED", at: 1_767_325_200_000,
                #","approval":{"required":true,"decision":"deny"},"isError":true"#)
            let version = first.id
            try await agents.saveToolCallRecord(denied, of: "t2", if: .version(version))
            let late = await #expect(throws: HoldfastError.self) {
                try await agents.saveToolCallRecord(pending, of: "t2", if: .version(version))
            }
            #expect(late?.code == .conflict)
            try await agents.saveToolCallRecord(AgentSample.call("0"), of: "t2")
            let loaded = try await agents.loadToolCallRecords(of: "t2")
            #expect(loaded.map(\.json) == [denied, AgentSample.call("0")])
            let call = try await agents.toolCall("c/1%", of: "t2")
            #expect(call.isError && call.hasApproval && call.state == "DENIED" && call.agentID == "t2")
        },
        AgentCase("saveTodos") { agents in
            let receipt = try await agents.saveTodos(#"{"todos":[],"version":1}"#, of: "d1")
            try await agents.saveTodos(#"{"todos":[{}],"version":2}"#, of: "d1", if: .version(receipt.id))
            let late = await #expect(throws: HoldfastError.self) {
                try await agents.saveTodos(#"{"todos":[]}"#, of: "d1", if: .version(receipt.id))
            }
            #expect(late?.code == .conflict)
            let wrong = await #expect(throws: HoldfastError.self) {
                try await agents.saveTodos(#"{"todo":[]}"#, of: "d1")
            }
            #expect(wrong?.code == .invalid && wrong?.message.contains("\"todos\"") == true)
        },
        AgentCase("loadTodos") { agents in
            #expect(try await agents.loadTodos(of: "nobody").content == nil)
            try await agents.saveTodos(#"{"todos": [ ],"version":6}"#, of: "d2")
            #expect(try await agents.loadTodos(of: "d2").content?.json == #"{"todos": [ ],"version":6}"#)
        },
    ]

    private static let events = [
        AgentCase("appendEvent") { agents in
            let receipt = try await agents.appendEvent(
                AgentSample.event(1), to: "e1", WriteOptions(idempotencyKey: "one"))
            let again = try await agents.appendEvent(
                AgentSample.event(1), to: "e1", WriteOptions(idempotencyKey: "one"))
            #expect(again.isReplay && again.id == receipt.id)
            #expect(try await agents.arrivals(of: "e1").map(\.id) == [receipt.id])
            for wrong: Bytes in [
                "7", #"{"event":{"channel":"x"}}"#, #"{"bookmark":{"seq":1.5},"event":{"channel":"x"}}"#,
                #"{"bookmark":{"seq":1},"event":{}}"#,
            ] {
                let error = await #expect(throws: HoldfastError.self) {
                    try await agents.appendEvent(wrong, to: "e1")
                }
                #expect(error?.code == .invalid)
            }
        },
        AgentCase("readEvents") { agents in
            #expect(try await agents.readEvents(of: "nobody").reduce(into: 0) { count, _ in count += 1 } == 0)
            let channels = ["progress", "control", "monitor"]
            let order = [0, 1, 2, 3, 5, 4, 6, 7, 8, 9, 10]
            try await agents.appendEvents(order.map { AgentSample.event($0, channels[$0 % 3]) }, to: "e2")
            func read(since: Int64?, _ channel: String?) async throws -> [Int64] {
                try await agents.readEvents(of: "e2", since: since, channel: channel)
                    .reduce(into: []) { $0.append($1.sequence) }
            }
            #expect(try await read(since: nil, nil) == Array(0...10))
            #expect(try await read(since: 6, nil) == [7, 8, 9, 10])
            #expect(try await read(since: 2, "monitor") == [5, 8])
            #expect(try await read(since: nil, "nothing") == [])
            let page = try await agents.events(of: "e2", since: 8, limit: 1)
            let next = try await agents.events(of: "e2", since: 8, after: page.next)
            #expect(page.map(\.sequence) == [9] && next.map(\.sequence) == [10])
            #expect(page.first?.json == AgentSample.event(9, "progress"))
        },
    ]

    private static let history = [
        AgentCase("saveHistoryWindow") { agents in
            try await agents.saveHistoryWindow(AgentSample.window("w", at: 5), of: "h1")
            let wrong = await #expect(throws: HoldfastError.self) {
                try await agents.saveHistoryWindow(#"{"id":"w"}"#, of: "h1")
            }
            #expect(wrong?.message.contains("\"timestamp\"") == true)
        },
        AgentCase("loadHistoryWindows") { agents in
            #expect(try await agents.loadHistoryWindows(of: "nobody").isEmpty)
            for time in [7, 5, 6] {
                try await agents.saveHistoryWindow(AgentSample.window("w\(time)", at: time), of: "h2")
            }
            let expected = [5, 6, 7].map { AgentSample.window("w\($0)", at: $0) }
            #expect(try await agents.loadHistoryWindows(of: "h2").map(\.json) == expected)
        },
        AgentCase("saveCompressionRecord") { agents in
            let receipt = try await agents.saveCompressionRecord(AgentSample.window("c", at: 1), of: "h3")
            #expect(!receipt.id.isZero)
        },
        AgentCase("loadCompressionRecords") { agents in
            #expect(try await agents.loadCompressionRecords(of: "nobody").isEmpty)
            let json = Bytes(#"{"id":"comp-1","summary":"<context-summary","ratio":0.38,"timestamp":2}"#)
            try await agents.saveCompressionRecord(json, of: "h4")
            #expect(try await agents.loadCompressionRecords(of: "h4").map(\.json) == [json])
        },
        AgentCase("saveRecoveredFile") { agents in
            let wrong = await #expect(throws: HoldfastError.self) {
                try await agents.saveRecoveredFile(#"{"timestamp":1}"#, of: "h5")
            }
            #expect(wrong?.message.contains("\"path\"") == true)
        },
        AgentCase("loadRecoveredFiles") { agents in
            #expect(try await agents.loadRecoveredFiles(of: "nobody").isEmpty)
            let json = Bytes(#"{"path":"../../a/b.c","content":"x\u0000y","mtime":1767325.25,"timestamp":2}"#)
            try await agents.saveRecoveredFile(json, of: "h6")
            #expect(try await agents.loadRecoveredFiles(of: "h6").map(\.json) == [json])
        },
        AgentCase("saveMediaCache") { agents in
            try await agents.saveMediaCache([#"{"key":"a"}"#, #"{"key":"b"}"#], of: "h7")
            try await agents.saveMediaCache([#"{"key":"b"}"#], of: "h7")
            #expect(try await agents.loadMediaCache(of: "h7").content == [#"{"key":"b"}"#])
        },
        AgentCase("loadMediaCache") { agents in
            #expect(try await agents.loadMediaCache(of: "nobody").content == [])
            let record = Bytes(#"{"key":"sha256:9f","sizeBytes":284113, "fileId":"files/abc"}"#)
            try await agents.saveMediaCache([record], of: "h8")
            #expect(try await agents.loadMediaCache(of: "h8").content == [record])
        },
    ]
}
