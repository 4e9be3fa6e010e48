import HoldfastConformance
import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("SQLite conformance") struct SQLiteConformanceTests {
    private let directory: TemporaryDirectory
    private let library: PluginLibrary

    init() throws {
        directory = try TemporaryDirectory()
        library = try PluginLibrary(
            path: PluginCompiler.productDirectory + "/libholdfast-sqlite.so",
            host: HostServices(version: "1.0.0-test") { _, _, _ in })
    }

    private func provider(_ options: String) throws(HoldfastError) -> PluginProvider {
        try PluginProvider(library, type: "sqlite", PluginSettings(name: "sqlite", options: Bytes(options)))
    }

    @Test("the built library keeps the contract of stores", arguments: StoreCase.all)
    func store(of rule: StoreCase) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        let provider = try provider(
            "{\"path\": \"\(directory.file("history.db"))\", \"synchronous\": \"normal\"}")
        let outcome = await rule.run(on: StoreSubject(provider: provider), seed: seed)
        // A store is one connection, so calls on it do not overlap; its pool is tried in the crash tests.
        let isExpectedToSkip = rule.needs.contains(.concurrent)
        #expect(
            isExpectedToSkip ? !outcome.isFailure : outcome == .passed, "\(rule.sentence), seed \(seed)")
    }
}
