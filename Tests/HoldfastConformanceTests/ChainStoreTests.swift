import HoldfastChain
import HoldfastConformance
import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("Queries through a chain")
struct ChainStoreTests {
    private static let seed = UInt64.random(in: .min ... .max)
    private static let cases = StoreCase.all.filter { $0.id.hasPrefix("select.") }

    @Test("over a backend that leaves queries to the host", arguments: cases)
    func scanned(storeCase: StoreCase) async throws {
        let primary = try PluginSubject.built("memory", name: "scanned \(storeCase.id)")
        let outcome = await storeCase.run(on: try subject(primary.provider, storeCase), seed: Self.seed)
        #expect(outcome == .passed)
    }

    @Test("over a backend that answers queries", arguments: cases)
    func selected(storeCase: StoreCase) async throws {
        let directory = try TemporaryDirectory()
        let primary = try PluginSubject.built(
            "sqlite", options: "{\"path\": \"\(directory.file("primary.db"))\", \"synchronous\": \"off\"}")
        let outcome = await storeCase.run(on: try subject(primary.provider, storeCase), seed: Self.seed)
        #expect(outcome == .passed)
        withExtendedLifetime(directory) {}
    }

    private func subject(_ primary: any Provider, _ storeCase: StoreCase) throws -> StoreSubject {
        let name = "log of \(primary.type) \(storeCase.id)"
        var settings = ChainSettings(
            name: "chain", primary: primary, backups: [],
            log: try PluginSubject.log("memory", options: #"{"space": "\#(name)"}"#, name: name))
        // A machine under load takes its time; nothing here is about how long.
        settings.timeout = .seconds(120)
        return StoreSubject(provider: ChainProvider(settings), indexedNamespace: "indexed")
    }
}
