import Glibc
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("What surrounds a command: words, files, signals") struct SurroundingsTests {
    let home: Home

    init() throws {
        home = try Home("storage: { type: sqlite, path: ./history.db }\n")
    }

    /// Runs a script in the directory of the storage.yaml, with the executable as `$HF`.
    private func shell(_ script: String) throws -> CommandRun {
        let head = "cd \"$0\" && HF=\"$1\" && "
        return try CommandRun(
            ["/bin/sh", "-c", head + script, home.directory.path, ExecutableRun.path],
            scratch: home.directory)
    }

    @Test(
        "a word that is not UTF-8 is refused, and nothing is stored under another name",
        arguments: [
            "\"$HF\" append s \"$(printf '\"\\377\"')\"", "\"$HF\" append \"$(printf '\\377')\" 1",
            "\"$HF\" history --json \"$(printf '\\377')\"",
        ])
    func foreignWords(script: String) throws {
        let run = try shell(script)
        #expect(run.status == 64 && run.output.contains("is not UTF-8, expected text in UTF-8"), "\(run)")
        #expect(try ExecutableRun("sessions", in: home).output == "no conversations\n")
    }

    @Test("a command under a lock gets its words and its environment byte for byte")
    func foreignWordsOfLock() throws {
        let words = try shell("\"$HF\" lock x -- printf %s \"$(printf '\\377\\376')\" | od -An -tx1")
        #expect(words.output == " ff fe\n")
        let variable = try shell(
            "V=$(printf 'caf\\351') && export V && \"$HF\" lock x -- printenv V | od -An -tx1")
        #expect(variable.output == " 63 61 66 e9 0a\n")
    }

    @Test("a command under a lock is ended by a pipe that broke, and ignores what it was started to ignore")
    func signals() throws {
        let pipe = try shell("\"$HF\" lock x -- /bin/sh -c 'kill -PIPE $$; echo alive'")
        #expect(pipe.status == 128 + SIGPIPE && pipe.output.isEmpty, "\(pipe)")
        let hangup = try shell("trap '' HUP; \"$HF\" lock x -- /bin/sh -c 'kill -HUP $$; echo alive'")
        #expect(hangup.status == 0 && hangup.output == "alive\n", "\(hangup)")
    }

    @Test("a name with control characters does not reach a terminal as it is, in errors either")
    func controlCharacters() throws {
        let name = "a\u{1B}[2J\nb"
        for command in [
            [name], ["history", name, "--before", name], ["history", "s", "--\(name)"],
            ["import", name], ["export", "--output", "no/\(name)"], ["check", "--config", name],
            ["search", "x", "--since", name], ["lock", "x", "--", name], ["export", "--output", name],
        ] {
            let run = try ExecutableRun(command, in: home)
            #expect(!(run.output + run.errors).contains("\u{1B}"), "\(command): \(run.output)\(run.errors)")
            #expect(run.status != 70, "\(command): \(run.errors)")
        }
    }

    @Test("an export goes into a pipe, through a symbolic link, and keeps the mode of what it replaces")
    func exportPlaces() throws {
        _ = try ExecutableRun("append", "talk", "1", in: home)
        let line = "{\"session\": \"talk\", \"index\": 0, \"message\": 1}\n"
        let pipe = try shell(
            "mkfifo pipe && { timeout 60 cat pipe & } && \"$HF\" export -q -o pipe > said; wait; test -p pipe"
        )
        #expect(pipe.status == 0 && pipe.output == line, "\(pipe)")
        let link = try shell(
            "echo old > real && chmod 600 real && ln -s real link && \"$HF\" export -o link > said "
                + "&& test -h link && stat -c %a real && cat real")
        #expect(link.status == 0 && link.output == "600\n" + line, "\(link)")
        let directory = try ExecutableRun("export", "--output", ".", in: home)
        #expect(directory.status == 74 && directory.errors.contains("it is a directory"))
        #expect(try ExecutableRun("export", "--output", "", in: home).status == 74)
        #expect(try home.directory.names().filter { $0.hasSuffix(".part") } == [])
    }

    @Test("an import takes a byte order mark for none of its lines, and names the line that is too long")
    func importedFiles() throws {
        let marked = try ExecutableRun(
            "import", "-", in: home, input: "\u{FEFF}{\"session\":\"s\",\"index\":0,\"message\":1}\n")
        #expect(marked.status == 0 && marked.output.hasPrefix("appended 1 message"), "\(marked.errors)")
        let text = String(repeating: "x", count: 16 << 20)
        let long = try ExecutableRun(
            "import", "-", in: home, input: "{\"session\":\"t\",\"index\":0,\"message\":\"\(text)\"}\n")
        #expect(long.status == 65 && long.errors.contains("-:1: the message has 16777218 bytes"))
        let endless = try shell("\"$HF\" append s < /dev/zero")
        #expect(endless.status == 65 && endless.output.contains("has more than 16777216 bytes"))
    }

    @Test("a check refuses a log in the place of a store, as everything that opens it would")
    func wrongRole() throws {
        let home = try Home(
            "storage:\n  type: chain\n  primary: { type: file-log, path: ./a }\n"
                + "  log: { type: file-log, path: ./log }\n")
        let check = try ExecutableRun("check", in: home)
        #expect(
            check.status == 78
                && check.errors.contains("storage.yaml:3:20: invalid: type \"file-log\" cannot be a store"),
            "\(check.errors)")
    }

    @Test("a daemon that cannot start says so in the format of its log", arguments: ["text", "json"])
    func startFailure(format: String) throws {
        let home = try Home("storage: { type: sqlite }\n")
        let run = try ExecutableRun("serve", "--log-format", format, in: home)
        #expect(run.status == 78)
        #expect(
            run.errors.hasPrefix(
                format == "json" ? #"{"error":{"code":"invalid""# : "holdfast: storage.yaml:1:10: "))
    }

    @Test("what an answer had to do without is said once, with a daemon and without one")
    func notes() throws {
        let home = try Home(
            "storage: { type: sqlite, path: ./history.db }\nblobs: { threshold: 256B }\n"
                + "server: { listen: 127.0.0.1:0 }\n")
        let text = String(repeating: "x", count: 300)
        #expect(try ExecutableRun("append", "s", "{\"content\":\"\(text)\"}", in: home).status == 0)
        let question = ["query", "conversations", "--items", "--where", "/content*=y", "--count"]
        let alone = try ExecutableRun(question, in: home)
        #expect(alone.errors.split(separator: "\n").count == 1, "\(alone.errors)")
        let daemon = try RunningDaemon(in: home)
        #expect(try ExecutableRun(question, in: home).errors == alone.errors)
        try daemon.stop()
    }

    @Test("a timeout that no clock holds is the longest there is, with a daemon and without one")
    func longestTimeout() throws {
        let chain = try Home()
        defer { chain.directory.remove() }
        for home in [home, chain] {
            let forever = ["flush", "--timeout", "\(Int.max)"]
            #expect(try ExecutableRun(forever, in: home).status == 0)
            let daemon = try RunningDaemon(in: home)
            #expect(try ExecutableRun(forever, in: home).status == 0)
            #expect(try ExecutableRun("healthcheck", in: home).status == 0)
            try daemon.stop()
        }
    }
}
