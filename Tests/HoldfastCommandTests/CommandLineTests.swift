import HoldfastConfiguration
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("The command line")
struct CommandLineTests {
    private static let single = "storage: { type: sqlite, path: ./history.db }\n"

    @Test(
        "a mistyped command is answered with the one that was meant",
        arguments: [
            (["chekc"], "did you mean \"holdfast check\"?"), (["hist"], "expected one of"),
            (["log", "verfiy"], "did you mean \"holdfast log verify\"?"),
            (["plugin", "lst"], "did you mean \"holdfast plugin list\"?"),
        ])
    func mistyped(arguments: [String], sentence: String) {
        let found = MistypedCommand.find(in: arguments, of: RootCommand.self)
        #expect(found?.message.contains(sentence) == true, "\(found?.message ?? "nothing")")
    }

    @Test(
        "a command that is right is not corrected",
        arguments: [["check"], ["log", "verify"], ["help", "lgo"], ["--version"], [], ["append", "chekc"]])
    func right(arguments: [String]) {
        #expect(MistypedCommand.find(in: arguments, of: RootCommand.self) == nil)
    }

    @Test("--config wins, then ./storage.yaml, then HOLDFAST_CONFIG")
    func configurationPath() {
        let here: (String) -> Bool = { _ in true }
        let nowhere: (String) -> Bool = { _ in false }
        #expect(ConfigurationOptions.path(given: "a", environment: "b", exists: here) == "a")
        #expect(ConfigurationOptions.path(given: nil, environment: "b", exists: here) == "storage.yaml")
        #expect(ConfigurationOptions.path(given: nil, environment: "b", exists: nowhere) == "b")
        #expect(ConfigurationOptions.path(given: nil, environment: nil, exists: nowhere) == "storage.yaml")
    }

    @Test(
        "the status says what to do next",
        arguments: [
            (["--help"], 0), (["--version"], 0), (["chekc"], 64), (["check", "--no-such"], 64),
            (["import", "/no/such/file"], 66), (["history", "s", "--limit=-1"], 65),
            (["history", "s"], 0),
            (["plugin", "describe", "sqlit"], 66), (["plugin", "list"], 0), (["log", "status"], 66),
            (["--generate-completion-script", "bash"], 0),
        ] as [([String], Int32)])
    func status(arguments: [String], status: Int32) throws {
        let home = try Home(Self.single)
        let run = try ExecutableRun(arguments, in: home)
        #expect(run.status == status, "\(run.errors)")
        #expect((status == 0) == run.errors.isEmpty, "\(run.errors)")
    }

    @Test("every error of a storage.yaml is printed with its place, and the status is 78")
    func brokenConfiguration() throws {
        let home = try Home(
            "storage:\n  type: chain\n  primry: { type: sqlite }\n  log: { type: file-log, path: 3 }\n")
        let run = try ExecutableRun("check", in: home)
        #expect(run.status == 78)
        #expect(run.errors.contains("storage.yaml:3:3: invalid: unknown key \"primry\""), "\(run.errors)")
        let json = try ExecutableRun("check", "--json", in: home)
        #expect(json.errors.contains(#""line":3,"column":3"#), "\(json.errors)")
        #expect(json.output.isEmpty)
    }

    @Test("init writes the storage.yaml of the repository, checks, and does not replace it unasked")
    func initialise() throws {
        let home = try Home(Self.single)
        let path = home.directory.file("new.yaml")
        #expect(try ExecutableRun("init", path, in: home).status == 0)
        #expect(try TextFile.read(path) == TextFile.read("\(PluginCompiler.packageDirectory)/storage.yaml"))
        #expect(try ExecutableRun("init", path, in: home).status == 74)
        #expect(try ExecutableRun("init", path, "--force", in: home).status == 0)
        let check = try ExecutableRun("check", "--config", path, "--live", in: home)
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        #expect(
            try ExecutableRun("check", "--config", path, "--print", in: home).output.contains(
                "flush_interval"))
    }

    @Test("append, history, sessions and clear work on one conversation")
    func conversation() throws {
        let home = try Home(Self.single)
        let message = #"{"b": 1.0, "a": "\u00e9"}"#
        let first = try ExecutableRun("append", "talk", message, "--idempotency-key", "k", in: home)
        #expect(first.status == 0, "\(first.errors)")
        let again = try ExecutableRun("append", "talk", message, "--idempotency-key", "k", "--json", in: home)
        #expect(again.output.contains(#""replay":true"#), "\(again.output)")
        #expect(
            try ExecutableRun("append", "talk", "--role", "user", in: home, input: "hi \"there\"\n").status
                == 0)
        let history = try ExecutableRun("history", "talk", in: home)
        #expect(history.lines == [message, #"{"role":"user","content":"hi \"there\""}"#])
        #expect(try ExecutableRun("history", "talk", "--limit", "1", in: home).lines.count == 1)
        let sessions = try ExecutableRun("sessions", "--json", in: home)
        #expect(sessions.output.contains(#"{"session":"talk","messages":2,"#), "\(sessions.output)")
        #expect(try ExecutableRun("append", "talk", "{not json", in: home).status == 65)
        #expect(try ExecutableRun("clear", "talk", in: home).status == 0)
        #expect(try ExecutableRun("history", "talk", in: home).output.isEmpty)
    }

    @Test("status, flush, and the commands for the log answer on a chain, for people and for programs")
    func operations() throws {
        let home = try Home()
        _ = try ExecutableRun("append", "talk", "1", in: home)
        for command in [["status"], ["flush"], ["log", "status"], ["log", "verify"], ["check", "--live"]] {
            for extra in [[], ["--json"]] {
                let run = try ExecutableRun(command + extra, in: home)
                #expect(run.status == 0, "\(command): \(run.output)\(run.errors)")
                #expect(!run.output.isEmpty)
            }
        }
        let salvage = try ExecutableRun("log", "salvage", in: home)
        #expect(salvage.status == 0, "\(salvage.output)\(salvage.errors)")
        #expect(try ExecutableRun("history", "talk", in: home).lines == ["1"])
    }

    @Test("an export to a file is there whole, or not at all")
    func exportToFile() throws {
        let home = try Home(Self.single)
        _ = try ExecutableRun("append", "talk", "1", in: home)
        let path = home.directory.file("out.jsonl")
        #expect(try ExecutableRun("export", "--output", path, in: home).status == 0)
        #expect(try TextFile.read(path) == "{\"session\": \"talk\", \"index\": 0, \"message\": 1}\n")
        let broken = try ExecutableRun("export", "--output", path, "--config", "/no/such.yaml", in: home)
        #expect(broken.status == 78 || broken.status == 66)
        #expect(try home.directory.names().filter { $0.hasSuffix(".part") } == [])
    }
}
