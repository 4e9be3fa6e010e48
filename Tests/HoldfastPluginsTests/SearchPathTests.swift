import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("Where plugins are looked for")
struct SearchPathTests {
    @Test("the environment comes first, then storage.yaml, the executable's directory, the installation")
    func order() {
        let search = PluginSearchPath(
            configured: ["/conf", "relative", "/env2"], environment: "/env1:/env2/",
            executableDirectory: "/opt/hf/bin")
        #expect(
            search.directories.map(\.path) == [
                "/env1", "/env2", "/conf", "/opt/hf/bin", "/opt/hf/lib/holdfast",
            ])
        #expect(
            search.directories.map(\.origin) == [
                .environment, .environment, .configuration, .executable, .installation,
            ])
        #expect(
            search.ignored == [
                "plugins.path names \"relative\", which is relative; an absolute path is searched"
            ])
    }

    @Test("a program with raised privileges does not believe its environment")
    func privileged() {
        let search = PluginSearchPath(
            configured: [], environment: "/evil", executableDirectory: nil, isPrivileged: true)
        #expect(search.directories.isEmpty)
        #expect(search.ignored == ["HOLDFAST_PLUGIN_PATH is not read by a program with raised privileges"])
    }

    @Test("a type is small letters, digits and hyphens", arguments: ["sqlite", "file-log", "0x", "a"])
    func types(type: String) { #expect(PluginSearchPath.isType(type)) }

    @Test(
        "nothing else is a type", arguments: ["", "-a", "A", "../evil", "a/b", "a.so", "ä", "a b", "a\u{0}b"])
    func notTypes(type: String) throws {
        #expect(!PluginSearchPath.isType(type))
        let search = PluginSearchPath(configured: ["/conf"], environment: nil, executableDirectory: nil)
        #expect(throws: HoldfastError.self) { try search.path(for: type) }
    }

    @Test("a plugin that is not there is reported with what is")
    func missing() throws {
        let directory = try TemporaryDirectory()
        try directory.write([], to: "libholdfast-memory.so")
        try directory.write([], to: "libholdfast-.so")
        let search = PluginSearchPath(
            configured: [directory.path], environment: nil, executableDirectory: nil)
        #expect(
            throws: HoldfastError(
                .invalid,
                "no libholdfast-redis.so in \(directory.path); found there: memory; install it there, or add its "
                    + "directory to plugins.path in storage.yaml")
        ) { try search.path(for: "redis") }
    }

    @Test("the catalog shows what is loaded, what it shadows, and what is refused")
    func catalog() throws {
        let fixture = try PluginFixture()
        let other = try PluginFixture()
        let wrong = try PluginFixture()
        let first = try PluginCompiler(into: fixture.directory).compile(
            "six-primitives", as: "six-primitives-only")
        let second = try PluginCompiler(into: other.directory).compile(
            "six-primitives", as: "six-primitives-only")
        try PluginCompiler(into: wrong.directory).compile(
            "misbehaving", as: "misbehaving", defines: ["WRONG_MAJOR"])
        let search = PluginSearchPath(
            configured: [fixture, other, wrong].map(\.directory.path), environment: nil,
            executableDirectory: nil)
        let catalog = PluginCatalog(search, host: fixture.host)
        #expect(catalog.entries.map(\.type) == ["misbehaving", "six-primitives-only"])
        #expect(catalog.entries[0].refusal?.message.contains("speaks major 2") == true)
        let entry = catalog.entries[1]
        #expect(entry.path == first && entry.shadowed == [second] && entry.refusal == nil)
        let description = try PluginCatalog.describe("six-primitives-only", in: search, host: fixture.host)
        #expect(description.name == "six-primitives" && description.version == "1.0.0")
        #expect(description.license == "Apache-2.0" && description.abi == "1.0")
        #expect(description.optionsSchema.contains("\"path\""))
        #expect(description.roles == [.store, .log])
    }
}
