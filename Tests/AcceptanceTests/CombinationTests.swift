import Glibc
import Holdfast
import HoldfastConfiguration
import HoldfastModel
import HoldfastTestSupport
import Testing

@Suite("Every combination of plugins", .serialized) struct CombinationTests {
    private let directory: TemporaryDirectory
    private let plugins: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
        plugins = try TemporaryDirectory()
        try PluginCompiler(into: plugins).compile("six-primitives", as: "six-primitives-only")
    }

    private func open(_ yaml: String) async throws -> HistoryStore {
        try await HistoryStore.open(
            configuration: try directory.write(Array(yaml.utf8), to: "storage.yaml"))
    }

    /// What every user of every chain sees.
    static let expected = [
        "get missing: error not_found",
        #"put: {"n":1,"n":2,"big":9223372036854775808,"x":1.0}"#,
        "put if absent again: error conflict",
        "put if version: 3",
        "put if an old version: error conflict",
        "bytes: [0, 255, 0, 10]",
        "delete: error not_found",
        "put after delete: 5",
        "append: #1#2#3#4#5",
        "append with a key, twice: true true 1,2,3,4,5,6",
        "latest two: 5,6",
        "limit 0: 0",
        "negative limit: error invalid",
        "page between: 4,3,2",
        "edit and remove: 1,22,4,5,6",
        "edit what is not there: error not_found",
        "trim: 5,6",
        "replace: 7,8",
        "clear, append: |9",
        "batch: 2",
        "batch with a failing check: error conflict",
        "nothing of the failed batch: 1",
        "fill: done",
        "scan by prefix, in pages of 3: p/0,p/1,p/2,p/3,p/4,p/5,p/6",
        "scan with a filter: p/1,p/3,p/5",
        "scan descending: p/6,p/5",
        #"conversation: {"role":"user","content":"turn 2"} {"role":"user","content":"turn 3"}"#,
        "sessions: s1=4,s2=1",
        "delete a session: s1",
    ]

    @Test(
        "one set of cases has the same result on every chain",
        arguments: Combination.all + Combination.servers)
    func sameResult(_ combination: Combination) async throws {
        let store = try await open(try combination.yaml(in: directory, plugins: plugins.path))
        var transcript = Transcript(store)
        await transcript.run()
        #expect(transcript.lines == Self.expected)
        try await store.flush()
        let members = await store.status().members
        #expect(members.allSatisfy { $0.state == "up" && $0.lag == 0 })
        await store.close()
    }

    @Test(
        "a chain that starts without its primary's data serves everything again",
        arguments: (Combination.all + Combination.servers).filter { $0.isLogDurable })
    func primaryLost(_ combination: Combination) async throws {
        let yaml = try combination.yaml(in: directory, plugins: plugins.path)
        let first = try await open(yaml)
        let texts = (0..<20).map { "{\"n\":\($0)}" }
        for text in texts { _ = try await first.conversations().append(Bytes(text), to: "s") }
        await first.close()
        try combination.losePrimary(in: directory)
        let second = try await open(yaml)
        let page = try await second.conversations().history(of: "s")
        #expect(page.elements.map(\.json.description) == texts)
        _ = try await second.conversations().append(#"{"n":20}"#, to: "s")
        #expect(try await second.conversations().history(of: "s").elements.count == 21)
        await second.close()
    }
}
