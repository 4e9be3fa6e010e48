import Glibc
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("Documented commands") struct DocumentedCommandTests {
    /// Every document that has commands.
    static let documents: [String] = {
        let root = PluginCompiler.packageDirectory
        let listing = try? TemporaryDirectory()
        defer { listing?.remove() }
        let found = listing.flatMap { scratch in
            try? CommandRun(
                ["grep", "-rl", "--include=*.md", "^```console", "\(root)/README.md", "\(root)/docs"],
                scratch: scratch)
        }
        return found?.output.split(separator: "\n").map(String.init).sorted() ?? []
    }()

    @Test("what a document tells its reader to type works, and answers what it says", arguments: documents)
    func commands(path: String) throws {
        let commands = DocumentedCommands(try TextFile.read(path))
        for reason in commands.reasons { print("not run in \(path): \(reason)") }
        let home = try Home()
        defer { home.directory.remove() }
        let bin = ProcessFacts.executableDirectory
        let port = try LoopbackPort.free()
        let script = try home.directory.write(
            Array(commands.script(replacing: [("7474", "\(port)")]).utf8), to: "typed.sh")
        let text = try TextFile.read(home.configuration).replacing("7474", with: "\(port)")
        try home.directory.write(Array(text.utf8), to: "storage.yaml")
        // What the reader leaves running ends with the shell.
        let wrapper = """
            cd "\(home.directory.path)"; export PATH="\(bin):$PATH" HOLDFAST_PLUGIN_PATH="\(bin)" \
            TMPDIR="\(home.directory.path)"
            trap 'kill $(jobs -p) 2>/dev/null; wait' EXIT
            . "\(script)"
            """
        let run = try CommandRun(["/bin/bash", "-c", wrapper], scratch: home.directory)
        #expect(commands.faults(in: run.output) == [], "\(path)")
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
            <!-- not run: needs a server -->
            ```console
            $ three
            ```
            """
        let commands = DocumentedCommands(text)
        #expect(commands.steps.map(\.command) == ["one   two"] && commands.reasons == ["needs a server"])
        func output(_ lines: String...) -> String {
            (["", "== step 0"] + lines + ["", "== step 1"]).joined(separator: "\n")
        }
        #expect(commands.faults(in: output("id 17", "a", "b", "end")) == [])
        #expect(commands.faults(in: output("id 17", "end")) == [])
        #expect(commands.faults(in: output("id 17", "a")).count == 1)
        #expect(commands.faults(in: output("x", "end")).count == 1)
        #expect(commands.faults(in: output("id 17", "end", "== status 3")).count == 1)
    }
}
