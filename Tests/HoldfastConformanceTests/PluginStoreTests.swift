import HoldfastConformance
import HoldfastModel
import HoldfastTestSupport
import Testing

@Suite("Plugins as stores")
struct PluginStoreTests {
    private static let seed = UInt64.random(in: .min ... .max)

    @Test("the memory plugin keeps the contract", arguments: StoreCase.all)
    func memory(storeCase: StoreCase) async throws {
        let subject = try PluginSubject.built("memory", name: "trial of \(storeCase.id)")
        let outcome = await storeCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
    }

    @Test("the SQLite plugin keeps the contract", arguments: StoreCase.all)
    func sqlite(storeCase: StoreCase) async throws {
        let directory = try TemporaryDirectory()
        let subject = try PluginSubject.built(
            "sqlite", options: "{\"path\": \"\(directory.file("trial.db"))\", \"synchronous\": \"normal\"}")
        let outcome = await storeCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
        withExtendedLifetime(directory) {}
    }

    @Test(
        "a C plugin with the six primitives alone keeps the contract, the host doing the rest",
        arguments: StoreCase.all)
    func sixPrimitives(storeCase: StoreCase) async throws {
        let subject = try PluginSubject.compiled(CompiledPlugins.sixPrimitives, type: "six-primitives-only")
        let outcome = await storeCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
    }

    @Test("a C plugin that answers operations whole keeps the contract", arguments: StoreCase.all)
    func wholeOperations(storeCase: StoreCase) async throws {
        let subject = try PluginSubject.compiled(CompiledPlugins.wholeOperations, type: "whole-operations")
        let outcome = await storeCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
        guard storeCase.id.hasPrefix("operations.") else { return }
        #expect(outcome == .passed)
    }

    @Test("the plugin that was frozen at 1.0 loads and keeps the contract", arguments: StoreCase.all)
    func frozen(storeCase: StoreCase) async throws {
        let subject = try PluginSubject.compiled(CompiledPlugins.frozen, type: "frozen")
        let outcome = await storeCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
    }
}
