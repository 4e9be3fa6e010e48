import Holdfast
import HoldfastModel
import Testing

@Suite("Runs: every method of simple_acp") struct RunsMethodTests {
    static let first: Bytes = #"""
        {"run_id":"0b7c1a52","agent_name":"summarizer","session_id":"5d0f","status":"awaiting","n":9007199254740993,
         "await_request":{"type":"message","message":{"role":"agent","parts":[{"content_type":"text/plain",
         "content":"Which \u0000 quarter? \ud83d","content_encoding":"plain"}]}}, "x":{"b":1.0,"a":1,"a":2},
         "output":[], "created_at":"2026-01-02T03:04:05Z" }
        """#
    static let names = [
        "initialize", "get_run", "save_run", "delete_run", "list_runs", "get_session", "save_session",
        "delete_session", "add_event", "get_events", "close", "ping", "clear!", "stats",
    ]

    static let table = SeedTable(
        system: "simple_acp", names: names,
        rows: [
            .init("initialize") { (store) async throws in
                #expect(try await store.runs().list().runs.isEmpty)
                #expect(try await store.runs(lifetime: .seconds(86_400)).list().total == 0)
                await #expect(throws: HoldfastError.self) {
                    try await store.runs(lifetime: .zero).save(first)
                }
            },
            .init("get_run") { store in
                #expect(try await store.runs().run("0b7c1a52").content == nil)
                try await store.runs().save(first)
                let run = try #require(try await store.runs().run("0b7c1a52").content)
                #expect(run.json == first)
                #expect(run.id == "0b7c1a52")
                #expect(run.expiresAt == nil)
            },
            .init("save_run", saveRun), .init("delete_run", deleteRun), .init("list_runs", listRuns),
            .init("get_session") { store in
                let runs = store.runs()
                #expect(try await runs.session("5d0f").content == nil)
                let session: Bytes = #"{ "id":"5d0f","history":[ {"a":1} , {"b":2}],"state":false }"#
                try await runs.save(session: session)
                let read = try #require(try await runs.session("5d0f").content)
                #expect(read.json == session)
                #expect(read.messageCount == 2)
            },
            .init("save_session", saveSession),
            .init("delete_session") { store in
                let runs = store.runs()
                try await runs.save(first)
                try await runs.append(["1", "2"], to: "5d0f")
                try await runs.deleteSession("5d0f")
                try await runs.deleteSession("5d0f")
                #expect(try await runs.session("5d0f").content == nil)
                #expect(try await runs.history(of: "5d0f").isEmpty)
                #expect(try await runs.run("0b7c1a52").content != nil)
                try await runs.append("3", to: "5d0f")
                #expect(try await runs.history(of: "5d0f").map(\.json) == ["3"])
            },
            .init("add_event") { store in
                let runs = store.runs()
                let event: Bytes = #"{"type":"unknown.kind","extra":[1,{"deep":null}],"data":false}"#
                let receipt = try await runs.add(event, to: "nobody/saved#this..%")
                let events = try await runs.events(of: "nobody/saved#this..%")
                #expect(events.map(\.json) == [event])
                #expect(events.first?.id == receipt.id)
                for wrong: Bytes in ["[]", "{}", #"{"type":1}"#, "{"] {
                    let error = await #expect(throws: HoldfastError.self) {
                        try await runs.add(wrong, to: "r")
                    }
                    #expect(error?.code == .invalid)
                }
            },
            .init("get_events", getEvents),
            .init("close") { store in
                #expect(await store.runs().ping())
                await store.runs().close()
                let error = await #expect(throws: HoldfastError.self) { try await store.runs().run("r") }
                #expect(error?.code == .unavailable)
            },
            .init("ping") { store in
                #expect(await store.runs().ping())
                await store.close()
                #expect(await store.runs().ping() == false)
            },
            .init("clear!") { store in
                let runs = store.runs()
                try await runs.save(first)
                try await runs.save(session: #"{"id":"5d0f"}"#)
                try await runs.append("1", to: "another")
                try await runs.add(#"{"type":"run.created"}"#, to: "0b7c1a52")
                try await runs.add(#"{"type":"run.created"}"#, to: "unknown")
                try await store.documents("others").put(.json("1"), at: "0b7c1a52")
                try await runs.clear()
                #expect(try await counts(runs) == [0, 0, 0])
                #expect(try await runs.list().total == 0)
                #expect(try await store.documents("others").get("0b7c1a52").bytes == "1")
            },
            .init("stats") { store in
                let runs = store.runs()
                try await runs.save(first)
                try await runs.save(session: #"{"id":"5d0f","history":[1,2]}"#)
                try await runs.add([#"{"type":"a"}"#, #"{"type":"b"}"#, #"{"type":"c"}"#], to: "0b7c1a52")
                #expect(try await counts(runs) == [1, 1, 3])
            },
        ])

    @Test("each does what it promises, on every backend", arguments: DomainBackend.there)
    func methods(backend: DomainBackend) async throws {
        try await Self.table.show(on: backend, "methods")
    }

    @Test("on a chain of primary, backup and log it is the same")
    func chain() async throws { try await Self.table.showOnChain("methods") }

    private static func counts(_ runs: Runs) async throws -> [Int] {
        let stats = try await runs.stats().content
        return [stats.runs, stats.sessions, stats.events]
    }

    private static func run(_ id: String, _ more: String = "") -> Bytes {
        Bytes(#"{"run_id":"\#(id)","agent_name":"a"\#(more)}"#)
    }

    @Sendable private static func saveRun(_ store: HistoryStore) async throws {
        let runs = store.runs()
        let created = try await runs.save(first, if: .absent)
        let again = await #expect(throws: HoldfastError.self) { try await runs.save(first, if: .absent) }
        #expect(again?.code == .conflict)
        #expect(again?.current == created.versions.first)
        let done = Bytes(first.description.replacing("awaiting", with: "completed"))
        let version = try #require(created.versions.first)
        try await runs.save(done, if: .version(version))
        #expect(try await runs.run("0b7c1a52").content?.json == done)
        let late = await #expect(throws: HoldfastError.self) {
            try await runs.save(first, if: .version(version))
        }
        #expect(late?.code == .conflict)
        try await runs.save(first)
        #expect(try await runs.list().total == 1)
        for wrong: Bytes in [
            #"{"agent_name":"a"}"#, #"{"run_id":"","agent_name":"a"}"#, #"{"run_id":1,"agent_name":"a"}"#,
            #"{"run_id":"r"}"#, #"{"run_id":"r","agent_name":"a","created_at":"yesterday"}"#, "[]", "nil",
            #"{"run_id":"r","agent_name":"a","session_id":7}"#,
        ] {
            let error = await #expect(throws: HoldfastError.self) { try await runs.save(wrong) }
            #expect(error?.code == .invalid)
        }
    }

    @Sendable private static func deleteRun(_ store: HistoryStore) async throws {
        let runs = store.runs()
        try await runs.delete("never saved")
        try await runs.save(first)
        try await runs.save(run("0b7c1a52/other"))
        try await runs.add([#"{"type":"a"}"#, #"{"type":"b"}"#], to: "0b7c1a52")
        try await runs.add(#"{"type":"a"}"#, to: "0b7c1a52/other")
        try await runs.delete("0b7c1a52")
        #expect(try await runs.run("0b7c1a52").content == nil)
        #expect(try await runs.events(of: "0b7c1a52").isEmpty)
        #expect(try await runs.list().runs.map(\.id) == ["0b7c1a52/other"])
        #expect(try await runs.events(of: "0b7c1a52/other").count == 1)
        try await runs.save(first)
        #expect(try await runs.events(of: "0b7c1a52").isEmpty)
    }

    @Sendable private static func listRuns(_ store: HistoryStore) async throws {
        let runs = store.runs()
        for number in 0..<12 {
            let agent = number % 2 == 0 ? "even" : "odd"
            let json = #"{"run_id":"r\#(number)","agent_name":"\#(agent)","session_id":"s\#(number % 3)"}"#
            try await runs.save(Bytes(json))
        }
        // Saved last, and older than all by its own account.
        try await runs.save(run("old", #","created_at":"1999-12-31T23:59:59+02:00""#))
        let all = try await runs.list()
        #expect(all.total == 13)
        #expect(all.runs.map(\.id) == (0..<12).reversed().map { "r\($0)" } + ["old"])
        let both = try await runs.list(RunFilter(agent: "odd", session: "s0"))
        #expect(both.runs.map(\.id) == ["r9", "r3"])
        #expect(both.total == 2)
        let part = try await runs.list(RunFilter(agent: "even"), offset: 1, limit: 2)
        #expect(part.runs.map(\.id) == ["r8", "r6"])
        #expect(part.total == 6)
        let next = try await runs.list(RunFilter(agent: "even"), limit: 2, after: part.next)
        #expect(next.runs.map(\.id) == ["r4", "r2"])
        #expect(try await runs.list(limit: 0).runs.isEmpty)
        #expect(try await runs.list(limit: 0).total == 13)
        #expect(try await runs.list(limit: 1, counted: false).total == nil)
        #expect(try await runs.list(RunFilter(agent: "ev")).total == 0)
        for wrong in [(-1, 0), (1, -1)] {
            let error = await #expect(throws: HoldfastError.self) {
                try await runs.list(offset: wrong.1, limit: wrong.0)
            }
            #expect(error?.code == .invalid)
        }
    }

    @Sendable private static func saveSession(_ store: HistoryStore) async throws {
        let runs = store.runs()
        for (id, state) in ["false", "null", "0", #""""#, "[]", #"{"counter":42}"#].enumerated() {
            let json = Bytes(#"{"id":"\#(id)","history":[],"state":\#(state),"more":1e400}"#)
            try await runs.save(session: json)
            #expect(try await runs.session("\(id)").content?.json == json)
        }
        let bare: Bytes = #"{"id":"bare"}"#
        try await runs.save(session: bare)
        #expect(try await runs.session("bare").content?.json == bare)
        try await runs.append([#"{"role":"user"}"#, "2"], to: "bare")
        #expect(
            try await runs.session("bare").content?.json == #"{"id":"bare","history":[{"role":"user"},2]}"#)
        for wrong: Bytes in ["[]", "{}", #"{"id":"s","history":{}}"#, #"{"id":"s","history":"[]"}"#] {
            let error = await #expect(throws: HoldfastError.self) { try await runs.save(session: wrong) }
            #expect(error?.code == .invalid)
        }
    }

    @Sendable private static func getEvents(_ store: HistoryStore) async throws {
        let runs = store.runs()
        #expect(try await runs.events(of: "unknown").isEmpty)
        let events = (0..<7).map { Bytes(#"{"type":"message.part","n":\#($0)}"#) }
        let ids = try await runs.add(events, to: "r").versions.suffix(7)
        try await runs.add(#"{"type":"other"}"#, to: "r/2")
        #expect(try await runs.events(of: "r").map(\.json) == events)
        #expect(try await runs.events(of: "r", limit: 2, offset: 3).map(\.json) == Array(events[3...4]))
        #expect(try await runs.events(of: "r", limit: 2, offset: 6).map(\.json) == [events[6]])
        #expect(try await runs.events(of: "r", limit: 2, offset: 7).isEmpty)
        let page = try await runs.events(of: "r", limit: 3)
        #expect(try await runs.events(of: "r", after: page.next).map(\.json) == Array(events[3...]))
        let third = Array(ids)[2]
        #expect(try await runs.events(of: "r", offset: 1, after: third).map(\.json) == Array(events[4...]))
        #expect(try await runs.events(of: "r", limit: 0).isEmpty)
        for wrong in [(-1, 0), (1, -1)] {
            let error = await #expect(throws: HoldfastError.self) {
                try await runs.events(of: "r", limit: wrong.0, offset: wrong.1)
            }
            #expect(error?.code == .invalid)
        }
    }
}
