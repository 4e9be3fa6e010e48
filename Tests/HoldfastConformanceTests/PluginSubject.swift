import HoldfastConformance
import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport

/// Plugins under trial, loaded as a host loads them.
enum PluginSubject {
    private static let host = HostServices(version: "1.0.0-test") { _, _, _ in }

    /// A plugin of this package, from the directory of the test's executable.
    static func built(
        _ type: String, options: String = "{}", name: String = "trial", survivesClosing: Bool = true
    ) throws -> StoreSubject {
        let provider = try PluginProvider(
            library(of: type), type: type,
            PluginSettings(
                name: name, options: Bytes(options), indexes: #"{"indexed":["f","g","n","é","0","@words"]}"#,
                // A machine under load takes its time; nothing here is about how long.
                pool: PluginSettings.Pool(connectTimeout: .seconds(120), abandonGrace: .seconds(60))))
        return StoreSubject(
            provider: provider, valueByteCountMax: 16 << 20, survivesClosing: survivesClosing,
            indexedNamespace: "indexed")
    }

    /// A plugin of this package in the log role.
    static func log(
        _ type: String, options: String = "{}", name: String = "log"
    ) throws(HoldfastError) -> PluginLogProvider {
        try PluginLogProvider(
            library(of: type), type: type, PluginSettings(name: name, options: Bytes(options)))
    }

    /// A library of this package.
    private static func library(of type: String) throws(HoldfastError) -> PluginLibrary {
        try PluginLibrary(path: "\(PluginCompiler.productDirectory)/libholdfast-\(type).so", host: host)
    }

    /// A library that clang has made.
    static func library(_ path: Result<String, any Error>) throws -> PluginLibrary {
        try PluginLibrary(path: path.get(), host: host)
    }

    /// A plugin in C that nothing but clang and a header has made.
    static func compiled(_ library: Result<String, any Error>, type: String) throws -> StoreSubject {
        let provider = try PluginProvider(self.library(library), type: type, PluginSettings(name: "trial"))
        return StoreSubject(provider: provider, survivesClosing: false)
    }
}

/// The C plugins of the fixtures, each compiled once.
enum CompiledPlugins {
    private static let directory = Result { try TemporaryDirectory() }

    /// The six primitives, against the header as it is.
    static let sixPrimitives = Result {
        try PluginCompiler(into: directory.get()).compile("six-primitives", as: "six-primitives-only")
    }

    /// The same with operations that it answers whole.
    static let wholeOperations = Result {
        try PluginCompiler(into: directory.get()).compile("whole-operations", as: "whole-operations")
    }

    /// The plugin of 1.0, against the kept copy of the header.
    static let frozen = Result {
        let scratch = try directory.get()
        let library = scratch.file("libholdfast-frozen.so")
        let fixture = "\(PluginCompiler.packageDirectory)/Tests/Fixtures/frozen-1.0"
        let run = try CommandRun(
            [
                "clang", "-std=c11", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-fPIC",
                "-fvisibility=hidden",
                "-shared", "-I\(fixture)", "\(fixture)/frozen.c", "-o", library, "-Wl,-z,defs", "-Wl,-z,now",
                "-Wl,-z,nodelete",
            ], scratch: scratch)
        guard run.status == 0 else { throw TestSupportError("clang refused frozen.c: \(run.output)") }
        return library
    }
}
