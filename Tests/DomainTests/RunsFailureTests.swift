import Holdfast
import HoldfastModel
import Testing

@Suite("Runs: what simple_acp promises and does not do") struct RunsFailureTests {
    static let names = [
        "agent and session filter together", "no dangling index", "listing without loading every run",
        "delete of an expired run", "limit 0 and no expiry", "order inside one second",
        "concurrent first saves", "concurrent saves of one history", "delete in one step",
        "order of events of one moment", "history without rewriting", "state false",
        "fields of unknown events", "copies, not live objects", "clear without blocking the server",
    ]

    static let table = SeedTable(
        system: "simple_acp", names: names,
        rows: [
            .init(names[0]) { store in
                let runs = store.runs()
                for (agent, session) in [("a", "s"), ("a", "t"), ("b", "s")] {
                    try await runs.save(run("\(agent)\(session)", agent: agent, session: session))
                }
                let found = try await runs.list(RunFilter(agent: "a", session: "s"))
                #expect(found.runs.map(\.id) == ["as"])
                #expect(found.total == 1)
            },
            .init(names[1]) { store in
                let runs = store.runs(lifetime: .seconds(3600))
                try await runs.save(run("r"))
                try await runs.add(#"{"type":"a"}"#, to: "r")
                try await runs.delete("r")
                for namespace in [Runs.namespace, Runs.eventNamespace] {
                    #expect(try await store.documents(namespace).count().content == 0)
                    #expect(try await store.lists(namespace).count().content == 0)
                }
            },
            .init(names[2]) { store in
                let runs = store.runs()
                for number in 0..<30 { try await runs.save(run("r\(number)")) }
                let page = try await runs.list(limit: 3)
                #expect(page.total == 30)
                #expect(page.runs.map(\.id) == ["r29", "r28", "r27"])
            },
            .init(names[3]) { store in
                let runs = store.runs()
                try await runs.add(#"{"type":"a"}"#, to: "gone")
                try await runs.delete("gone")
                #expect(try await runs.events(of: "gone").isEmpty)
                #expect(try await store.lists(Runs.eventNamespace).count().content == 0)
            },
            .init(names[4]) { store in
                let runs = store.runs(lifetime: .seconds(3600))
                try await runs.save(run("r"), lifetime: .unlimited)
                try await runs.add([#"{"type":"a"}"#, #"{"type":"b"}"#], to: "r")
                #expect(try await runs.events(of: "r", limit: 0).isEmpty)
                #expect(try await runs.run("r").content?.expiresAt == nil)
                try await runs.save(run("r", agent: "later"))
                #expect(try await runs.run("r").content?.expiresAt == nil)
            },
            .init(names[5]) { store in
                let runs = store.runs()
                for number in 0..<10 {
                    try await runs.save(run("r\(number)", created: "2026-01-02T03:04:05Z"))
                }
                let expected = (0..<10).reversed().map { "r\($0)" }
                #expect(try await runs.list().runs.map(\.id) == expected)
                try await runs.save(run("r0", created: "2026-01-02T03:04:05Z"))
                #expect(try await runs.list().runs.map(\.id) == expected)
            },
            .init(names[6], concurrentFirstSaves), .init(names[7], concurrentHistories),
            .init(names[8]) { store in
                let runs = store.runs()
                try await runs.save(run("r"))
                let version = try #require(try await runs.run("r").content).version
                try await runs.add(#"{"type":"a"}"#, to: "r")
                try await runs.save(run("r", agent: "b"))
                let error = await #expect(throws: HoldfastError.self) {
                    try await runs.delete("r", if: .version(version))
                }
                #expect(error?.code == .conflict)
                #expect(try await runs.events(of: "r").count == 1)
            },
            .init(names[9]) { store in
                let events = (0..<50).map { Bytes(#"{"type":"e","n":\#($0)}"#) }
                try await store.runs().add(events, to: "r")
                #expect(try await store.runs().events(of: "r").map(\.json) == events)
            },
            .init(names[10], historyIsNotRewritten),
            .init(names[11]) { store in
                let json: Bytes = #"{"id":"s","history":[],"state":false}"#
                try await store.runs().save(session: json)
                #expect(try await store.runs().session("s").content?.json == json)
            },
            .init(names[12]) { store in
                let event: Bytes = #"{"type":"never.heard.of","run_id":"r","b":2,"a":{"z":[null,false,""]}}"#
                try await store.runs().add(event, to: "r")
                #expect(try await store.runs().events(of: "r").map(\.json) == [event])
            },
            .init(names[13]) { store in
                try await store.runs().save(run("r"))
                let read = try #require(try await store.runs().run("r").content)
                try await store.runs().save(run("r", agent: "changed"))
                #expect(read.json == run("r"))
            },
            .init(names[14]) { store in
                for number in 0..<20 { try await store.runs().save(run("r\(number)")) }
                try await store.runs().clear()
                #expect(try await store.runs().list().total == 0)
            },
        ])

    @Test("none of it happens here, on any backend", arguments: DomainBackend.there)
    func failures(backend: DomainBackend) async throws {
        try await Self.table.show(on: backend, "failures that do not happen")
    }

    @Test(
        "a run, its events and its session go at one moment, and no earlier", arguments: DomainBackend.there)
    func sharedExpiry(backend: DomainBackend) async throws {
        let clock = MovingClock()
        try await DomainStore.with(backend, StoreEnvironment(clock: clock)) { store in
            let runs = store.runs(lifetime: .seconds(86_400))
            try await runs.save(session: #"{"id":"s","history":[1],"state":null}"#)
            try await runs.save(Self.run("r", session: "s"))
            try await runs.add(#"{"type":"a"}"#, to: "r")
            for day in 0..<15 {
                clock.advance(by: .seconds(80_000))
                // A save renews the life of all three, long after the first event would have gone.
                try await runs.save(Self.run("r", session: "s"))
                #expect(try await runs.events(of: "r").count == day + 1)
                #expect(try await runs.session("s").content?.messageCount == 1)
                try await runs.add(#"{"type":"b"}"#, to: "r")
            }
            let run = try #require(try await runs.run("r").content)
            #expect(try await runs.session("s").content?.expiresAt == run.expiresAt)
            clock.advance(by: .seconds(86_401))
            #expect(try await runs.run("r").content == nil)
            #expect(try await runs.events(of: "r").isEmpty)
            #expect(try await runs.events(of: "r", offset: 1).isEmpty)
            #expect(try await runs.session("s").content == nil)
            #expect(try await runs.history(of: "s").isEmpty)
            #expect(try await runs.list().total == 0)
            // What comes later under the same names is a life of its own.
            try await runs.add(#"{"type":"new"}"#, to: "r")
            #expect(try await runs.events(of: "r").map(\.json) == [#"{"type":"new"}"#])
            try await runs.append("2", to: "s")
            #expect(try await runs.history(of: "s").map(\.json) == ["2"])
            try await runs.save(Self.run("r", session: "s"))
            #expect(try await runs.list().total == 1)
        }
    }

    @Test("what is dead is removed by the backend, without a sweep", arguments: DomainBackend.there)
    func deadItemsExpire(backend: DomainBackend) async throws {
        let clock = MovingClock()
        try await DomainStore.with(backend, StoreEnvironment(clock: clock)) { store in
            let runs = store.runs(lifetime: .seconds(7200))
            try await runs.save(Self.run("r"))
            try await runs.add(#"{"type":"a"}"#, to: "r")
            try await runs.append("1", to: "s")
            clock.advance(by: .seconds(8 * 86_400))
            for namespace in [Runs.namespace, Runs.eventNamespace, Runs.sessionNamespace] {
                #expect(try await store.lists(namespace).count().content == 0)
                #expect(try await store.documents(namespace).count().content == 0)
            }
        }
    }

    private static func run(
        _ id: String, agent: String = "a", session: String? = nil, created: String? = nil
    ) -> Bytes {
        let more = session.map { #","session_id":"\#($0)""# } ?? ""
        let time = created.map { #","created_at":"\#($0)""# } ?? ""
        return Bytes(#"{"run_id":"\#(id)","agent_name":"\#(agent)"\#(more)\#(time)}"#)
    }

    @Sendable private static func concurrentFirstSaves(_ store: HistoryStore) async throws {
        let runs = store.runs()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask { try await runs.save(run("r", agent: "a\(number)")) }
            }
            try await group.waitForAll()
        }
        #expect(try await runs.list().total == 1)
        #expect(try await store.lists(Runs.namespace).count().content == 1)
        let saved = try #require(try await runs.run("r").content).json.description
        let agent = try #require(saved.split(separator: "\"").dropLast().last.map(String.init))
        #expect(try await runs.list(RunFilter(agent: agent)).total == 1)
    }

    @Sendable private static func concurrentHistories(_ store: HistoryStore) async throws {
        let runs = store.runs()
        try await runs.save(session: #"{"id":"s","history":[0]}"#)
        let base = try #require(try await runs.session("s").content)
        try await runs.save(session: #"{"id":"s","history":[0,1]}"#)
        for save in [SessionSave.extending, .ifUnchanged(since: base.version)] {
            let error = await #expect(throws: HoldfastError.self) {
                try await runs.save(session: #"{"id":"s","history":[0,2]}"#, save)
            }
            #expect(error?.code == .conflict)
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                group.addTask {
                    for step in 0..<5 { try await runs.append(Bytes("1\(number)\(step)"), to: "s") }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await runs.session("s").content?.messageCount == 42)
        let now = try #require(try await runs.session("s").content)
        try await runs.save(session: #"{"id":"s","history":[0]}"#, .ifUnchanged(since: now.version))
        try await runs.save(session: #"{"id":"s","history":[0,3]}"#)
        #expect(try await runs.session("s").content?.json == #"{"id":"s","history":[0,3]}"#)
        try await runs.save(session: #"{"id":"s","history":[4]}"#, .overwriting)
        #expect(try await runs.session("s").content?.json == #"{"id":"s","history":[4]}"#)
    }

    @Sendable private static func historyIsNotRewritten(_ store: HistoryStore) async throws {
        let runs = store.runs()
        try await runs.save(session: #"{"id":"s","history":[1,2]}"#)
        let before = try await runs.history(of: "s").map(\.id)
        try await runs.save(session: #"{"id":"s", "history":[ 1 ,2,3], "state":{"n":1}}"#)
        try await runs.append("4", to: "s")
        let after = try await runs.history(of: "s")
        #expect(after.map(\.id).prefix(2) == before[...])
        #expect(after.map(\.json) == ["1", "2", "3", "4"])
        #expect(after.allSatisfy { $0.version == $0.id })
        #expect(try await runs.history(of: "s", .latest(1)).map(\.json) == ["4"])
        let session = try #require(try await runs.session("s").content)
        #expect(session.json == #"{"id":"s", "history":[1,2,3,4], "state":{"n":1}}"#)
    }
}
