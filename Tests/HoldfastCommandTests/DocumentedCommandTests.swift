import Glibc
import HoldfastSupport
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("Documented commands") struct DocumentedCommandTests {
    private static let root = PluginCompiler.packageDirectory

    /// Every document, as a path from the top of the repository.
    static let documents: [String] = {
        guard let scratch = try? TemporaryDirectory() else { return [] }
        defer { scratch.remove() }
        let find = ["find", "\(root)/README.md", "\(root)/CONTRIBUTING.md", "\(root)/docs", "-name", "*.md"]
        let found = (try? CommandRun(find, scratch: scratch))?.output.split(separator: "\n") ?? []
        return found.map { String($0.dropFirst(root.count + 1)) }.sorted()
    }()

    private static func blocks(_ path: String) throws -> (blocks: [DocumentBlock], needs: [String]) {
        DocumentBlock.all(in: try TextFile.read("\(root)/\(path)"))
    }

    @Test("what a document tells its reader to type works, and answers what it says", arguments: documents)
    func commands(path: String) async throws {
        let (blocks, needs) = try Self.blocks(path)
        let commands = DocumentedCommands(blocks) { LeftOutBlock.reason(for: $0, of: path) != nil }
        guard !commands.steps.isEmpty else { return }
        try await onThread {
            guard let servers = try DocumentServers(needs) else { return }
            defer { servers.stop() }
            let home = try Home()
            defer { home.directory.remove() }
            let output = try Self.type(commands, in: home, servers)
            #expect(commands.faults(in: output) == [], "\(path)")
        }
    }

    private static func type(
        _ commands: DocumentedCommands, in home: Home, _ servers: DocumentServers
    ) throws -> String {
        let bin = ProcessFacts.executableDirectory
        let port = try LoopbackPort.quiet()
        let replacements = [(":7474", ":\(port)"), ("/var/lib/holdfast", "\(home.directory.path)/state")]
        let script = try home.directory.write(
            Array(commands.script(replacing: replacements).utf8), to: "typed.sh")
        let variables = servers.variables.map { "\($0.name)='\($0.value)'" }.joined(separator: " ")
        let wrapper = """
            cd "\(home.directory.path)"; export HOLDFAST="\(root)" PATH="\(bin):$PATH" HOLDFAST_PLUGIN_PATH="\(bin)" \
            TMPDIR="\(home.directory.path)" \(variables)
            # A daemon whose storage.yaml names no address would take that of every other.
            address() { grep -q listen: storage.yaml || echo HOLDFAST_SERVER_LISTEN=127.0.0.1:\(port); }
            # What the reader leaves running ends with the shell.
            trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
            . "\(script)"
            """
        // What hangs fails, and does not hold up everybody.
        let run = try CommandRun(
            ["timeout", "-k", "5", "120", "/bin/bash", "-c", wrapper], scratch: home.directory)
        return run.output.replacing(":\(port)", with: ":7474")
    }

    @Test("every block of a document says what it is, and what is typed is run or is left out for a reason")
    func languages() throws {
        var leftOut: [LeftOutBlock] = []
        for path in Self.documents {
            for block in try Self.blocks(path).blocks {
                let place = "\(path):\(block.line)"
                if let reason = LeftOutBlock.reason(for: block, of: path) { leftOut.append(reason) }
                #expect(LeftOutBlock.languages.contains(block.language), "\(place): \(block.language)")
                #expect(
                    !block.looksTyped || LeftOutBlock.reason(for: block, of: path) != nil,
                    "\(place) is typed, expected console or sh, or a reason in LeftOutBlock")
            }
        }
        let unused = LeftOutBlock.all.filter { !leftOut.contains($0) }
        #expect(unused == [], "no document has these any more")
    }

    @Test("every storage.yaml in a document is right", arguments: documents)
    func configurations(path: String) async throws {
        let found = try Self.blocks(path).blocks.filter { $0.language == "yaml" && $0.isConfiguration }
        try await onThread {
            for block in found {
                let home = try Home(block.configuration)
                defer { home.directory.remove() }
                let secrets = try home.directory.makeDirectory("secrets")
                for name in ["password", "database", "redis"] {
                    try home.directory.write(Array("secret\n".utf8), to: "secrets/\(name)")
                }
                let text = block.configuration.replacing("/run/secrets", with: secrets)
                try home.directory.write(Array(text.utf8), to: "storage.yaml")
                let check = """
                    DATABASE_URL=postgresql://a/b PRIMARY_URL=postgresql://a/b ARCHIVE_URL=postgresql://c/d \
                    REDIS_URL=redis://a DATABASE_PASSWORD=p REDIS_PASSWORD=p HOLDFAST_PLUGIN_PATH="$1" \
                    "$1/holdfast" check --config "$2"
                    """
                let run = try CommandRun(
                    ["/bin/sh", "-c", check, "sh", ProcessFacts.executableDirectory, home.configuration],
                    scratch: home.directory)
                #expect(run.status == 0, "\(path):\(block.line): \(run.output)")
            }
        }
    }

    @Test("every JSON text in a document is one")
    func json() throws {
        for path in Self.documents {
            for block in try Self.blocks(path).blocks where block.language == "json" {
                #expect(throws: Never.self, "\(path):\(block.line)") { try JSONNode(Array(block.text.utf8)) }
            }
        }
    }

    @Test("an answer is compared line by line, with … for what differs each time")
    func comparing() {
        let text = """
            ```console
            $ one \\
              two
            id …
            …
            end
            ```
            <!-- file: a.yaml -->
            ```yaml
            a: b
            ```
            """
        let commands = DocumentedCommands(DocumentBlock.all(in: text).blocks)
        guard commands.steps.count == 2, case .command(2, "one   two", _) = commands.steps[0],
            case .file("a.yaml", "a: b\n") = commands.steps[1]
        else {
            Issue.record("\(commands.steps)")
            return
        }
        func output(_ lines: String...) -> String {
            (["", "== step 0"] + lines + ["", "== step 1", "== step 2"]).joined(separator: "\n")
        }
        #expect(commands.faults(in: output("id 17", "a", "b", "end")) == [])
        #expect(commands.faults(in: output("id 17", "end")) == [])
        #expect(commands.faults(in: output("id 17", "a")).count == 1)
        #expect(commands.faults(in: output("x", "end")).count == 1)
        #expect(commands.faults(in: output("id 17", "end", "== status 3")).count == 1)
    }
}

extension DocumentBlock {
    /// Whether it is a storage.yaml, or a part of one.
    fileprivate var isConfiguration: Bool { file == nil || file == "storage.yaml" }

    /// The storage.yaml: a part of one gets a store.
    fileprivate var configuration: String {
        lines.contains { $0.hasPrefix("storage:") } ? text : "storage: { type: memory }\n" + text
    }
}
