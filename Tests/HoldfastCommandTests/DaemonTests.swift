import Glibc
import HoldfastSupport
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("Commands beside a daemon") struct DaemonTests {
    @Test("the same commands have the same answers with a daemon and without one")
    func sameAnswers() throws {
        let commands: [[String]] = [
            ["append", "s", "--role", "user", "hello"], ["append", "s", "--role", "assistant", "again"],
            ["history", "s"], ["sessions", "--json"],
            ["query", "conversations", "--items", "--where", "role=user"],
            ["search", "nowhere", "--json"], ["blobs"], ["blobs", "--json"],
            ["blobs", "collect", "--dry-run"], ["blobs", "collect", "--json"],
            ["export"], ["lock", "l", "--", "/bin/true"], ["locks"], ["clear", "s"], ["history", "s"],
            ["flush"],
            ["history", "s", "--limit", "-1"], ["status"],
        ]
        let alone = try Home()
        defer { alone.directory.remove() }
        let served = try Home()
        defer { served.directory.remove() }
        let daemon = try RunningDaemon(in: served)
        for command in commands {
            let first = try ExecutableRun(command, in: alone)
            let second = try ExecutableRun(command, in: served)
            #expect(first.status == second.status, "\(command): \(second.errors)")
            // Ids and times differ, and how far a provider is.
            let isComparable = !["append", "sessions", "clear", "status", "flush", "locks"].contains(
                command[0])
            if isComparable { #expect(first.output == second.output, "\(command)") }
            #expect(first.lines.count == second.lines.count, "\(command): \(second.output) \(second.errors)")
        }
        try daemon.stop()
        #expect(try ExecutableRun("sessions", in: served).status == 0)
    }

    @Test("a health check says whether the daemon is ready, and opens nothing itself")
    func healthcheck() throws {
        let home = try Home()
        defer { home.directory.remove() }
        let absent = try ExecutableRun("healthcheck", in: home)
        #expect(absent.status == 69 && absent.errors.contains("no daemon listens at"), "\(absent.errors)")
        #expect(access(home.directory.file("data"), F_OK) != 0)
        let daemon = try RunningDaemon(in: home)
        let ready = try ExecutableRun("healthcheck", "--wait", "30s", in: home)
        #expect(ready.status == 0 && ready.output == "ready\n", "\(ready.errors)")
        #expect(try ExecutableRun("healthcheck", "--json", in: home).output.hasPrefix(#"{"status":"ready""#))
        try daemon.stop()
    }

    @Test("a daemon obeys signals from its first word on")
    func signals() throws {
        let home = try Home()
        defer { home.directory.remove() }
        for _ in 0..<3 {
            let daemon = try RunningDaemon(in: home)
            // Sent before it was trapped, it would end the process.
            daemon.reload()
            #expect(try ExecutableRun("healthcheck", "--wait", "30s", in: home).status == 0)
            try daemon.stop()
        }
    }

    @Test("a daemon whose primary is away is not ready, and the check says which")
    func degraded() throws {
        let home = try Home(
            """
            storage:
              type: chain
              primary: { type: sqlite, name: front, path: ./front/history.db }
              backups: [{ type: sqlite, path: ./backup.db }]
              log: { type: file-log, path: ./data/log }
            """)
        defer { home.directory.remove() }
        #expect(try ExecutableRun("append", "s", "--role", "user", "hello", in: home).status == 0)
        #expect(try ExecutableRun("flush", in: home).status == 0)
        // A file in the place of the directory: nobody can open what lies in it.
        let away = ["mv", home.directory.file("front"), home.directory.file("away")]
        #expect(try CommandRun(away, scratch: home.directory).status == 0)
        try home.directory.write([], to: "front")
        try Self.checkNotes(of: ["history", "s"], in: home)
        let daemon = try RunningDaemon(in: home)
        try Self.checkNotes(of: ["history", "s"], in: home)
        let check = try ExecutableRun("healthcheck", in: home)
        #expect(check.status == 69 && check.errors.contains("front is "), "\(check.errors)")
        try daemon.stop()
    }

    /// What is worth knowing is a line of text for people, and an object for programs, beside an answer that is the same.
    private static func checkNotes(of command: [String], in home: Home) throws {
        let text = try ExecutableRun(command, in: home)
        #expect(text.status == 0 && text.lines.count == 1, "\(text.errors)")
        #expect(text.errors.contains("holdfast: note: read from \"backup-1\" with the log laid over it"))
        let json = try ExecutableRun(command + ["--json"], in: home)
        #expect(json.status == 0 && json.lines.count == 1, "\(json.errors)")
        let notes = try json.errors.split(separator: "\n").map { line in
            try #require(try JSONNode(Array(line.utf8))["note"], "\(line)")
        }
        #expect(notes.contains { $0["degradation"]?.string == "fallback:backup-1" }, "\(json.errors)")
        #expect(notes.allSatisfy { $0["message"]?.string?.isEmpty == false })
        let levels = Set(notes.compactMap { $0["level"]?.string })
        #expect(levels.isSubset(of: ["note", "warning", "error"]) && levels.contains("note"))
        #expect(levels.contains("warning") == text.errors.contains("holdfast: warning: "))
    }

    @Test("only what stands before -- says for whom a command speaks")
    func speaksTo() {
        #expect(RootCommand.asksForJSON(["history", "s", "--json"]))
        #expect(!RootCommand.asksForJSON(["lock", "n", "--", "jq", "--json"]))
        #expect(!RootCommand.asksForJSON(["append", "s", "--", "--json"]))
    }

    @Test("a daemon that is killed leaves a socket that nobody is led astray by")
    func killed() throws {
        let home = try Home()
        defer { home.directory.remove() }
        let daemon = try RunningDaemon(in: home)
        #expect(try ExecutableRun("append", "s", "--role", "user", "hello", in: home).status == 0)
        daemon.kill()
        let run = try ExecutableRun("history", "s", in: home)
        #expect(run.status == 0 && run.lines.count == 1, "\(run.errors)")
        let again = try RunningDaemon(in: home)
        #expect(try ExecutableRun("history", "s", in: home).lines == run.lines)
        try again.stop()
    }
}

/// A daemon of the real executable, on a free port and the socket beside its log.
final class RunningDaemon {
    private let child: HoldfastCommand.ChildProcess

    /// Starts it, and returns when it listens.
    ///
    /// - Parameters:
    ///   - home: where its storage.yaml lies.
    ///   - more: further arguments.
    ///   - errors: the file that its log goes to; without it, that of the tests.
    /// - Throws: when it cannot be started, or ends before it listens.
    init(in home: Home, _ more: [String] = [], errors: String? = nil) throws {
        let command = [
            ExecutableRun.path, "serve", "--config", home.configuration, "--listen", "127.0.0.1:0",
        ]
        child = try HoldfastCommand.ChildProcess.start(
            "/bin/sh",
            ["-c", errors == nil ? "exec \"$@\"" : "log=$0; exec \"$@\" 2>\"$log\"", errors ?? ""] + command
                + more)
        var reader = LineReader(child.output)
        while let line = try reader.next() {
            if String(decoding: line, as: UTF8.self).contains("unix:") { return }
        }
        throw TestSupportError("the daemon ended before it listened")
    }

    /// Has it read its settings again.
    func reload() { Glibc.kill(pid_t(child.identifier), SIGHUP) }

    /// Ends it as an operator does.
    func stop() throws {
        Glibc.kill(pid_t(child.identifier), SIGTERM)
        guard case .exited(0) = try child.wait() else {
            throw TestSupportError("the daemon did not end well")
        }
    }

    /// Ends it without a chance to tidy up.
    func kill() {
        child.kill()
        _ = try? child.wait()
    }
}
