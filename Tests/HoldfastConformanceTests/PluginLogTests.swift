import HoldfastConformance
import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("Plugins as logs")
struct PluginLogTests {
    private static let seed = UInt64.random(in: .min ... .max)

    @Test("the memory plugin keeps the contract of logs", arguments: LogCase.all)
    func memory(logCase: LogCase) async {
        let subject = LogSubject { () throws(HoldfastError) in
            try PluginSubject.log("memory", name: "log \(UInt64.random(in: .min ... .max))")
        }
        let outcome = await logCase.run(on: subject, seed: Self.seed)
        #expect(outcome == .passed)
    }

    @Test("the SQLite plugin keeps the contract of logs", arguments: LogCase.all)
    func sqlite(logCase: LogCase) async throws {
        let directory = try TemporaryDirectory()
        let subject = LogSubject { () throws(HoldfastError) in
            try PluginSubject.log("sqlite", options: "{\"path\": \"\(directory.file("log.db"))\"}")
        }
        let outcome = await logCase.run(on: subject, seed: Self.seed)
        #expect(outcome == .passed)
        withExtendedLifetime(directory) {}
    }

    @Test("the file log keeps the contract of logs", arguments: LogCase.all)
    func fileLog(logCase: LogCase) async throws {
        let directory = try TemporaryDirectory()
        let subject = LogSubject { () throws(HoldfastError) in
            try PluginSubject.log(
                "file-log", options: "{\"path\": \"\(directory.file("log"))\", \"segment_size\": 131072}")
        }
        let outcome = await logCase.run(on: subject, seed: Self.seed)
        #expect(outcome == .passed)
        withExtendedLifetime(directory) {}
    }

    @Test(
        "a C plugin with the six primitives alone makes a log, the host doing the rest",
        arguments: LogCase.all)
    func sixPrimitives(logCase: LogCase) async throws {
        let directory = try TemporaryDirectory()
        let library = try PluginSubject.library(CompiledPlugins.sixPrimitives)
        let options = Bytes("{\"path\": \"\(directory.file("journal"))\"}")
        let subject = LogSubject { () throws(HoldfastError) in
            try PluginLogProvider(
                library, type: "six-primitives-only", PluginSettings(name: "log", options: options))
        }
        let outcome = await logCase.run(on: subject, seed: Self.seed)
        #expect(outcome == .passed)
        withExtendedLifetime(directory) {}
    }

    @Test("the plugin that was frozen at 1.0 makes a log, the host doing the rest", arguments: LogCase.all)
    func frozen(logCase: LogCase) async throws {
        let library = try PluginSubject.library(CompiledPlugins.frozen)
        let subject = LogSubject(survivesClosing: false) { () throws(HoldfastError) in
            try PluginLogProvider(library, type: "frozen", PluginSettings(name: "log"))
        }
        let outcome = await logCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
    }
}
