import Glibc
import HoldfastModel
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("What operators and shells rely on") struct OperationsTests {
    @Test("help lists every command once")
    func help() throws {
        let home = try Home()
        defer { home.directory.remove() }
        let run = try ExecutableRun("--help", in: home)
        let names = run.lines.filter { $0.hasPrefix("  ") && !$0.hasPrefix("   ") }.compactMap {
            $0.split(separator: " ").first
        }
        #expect(names.contains("serve") && Set(names).count == names.count, "\(names)")
    }

    @Test(
        "an answer that cannot be written ends with 74, and is written nowhere else",
        arguments: [
            ">/dev/full", ">&-", ">&- 2>&-", "<&- >&-",
        ])
    func unwritable(redirection: String) throws {
        let home = try Home()
        defer { home.directory.remove() }
        #expect(try ExecutableRun("append", "s", "--role", "user", "a secret word", in: home).status == 0)
        for command in ["history s", "status", "export", "sessions --json", "log verify"] {
            // Descriptors that are closed are the first that a file of the store would get.
            let shell = ["/bin/sh", "-c", "cd \"$0\"; \"$1\" \(command) \(redirection)", home.directory.path]
            let run = try CommandRun(shell + [ExecutableRun.path], scratch: home.directory)
            #expect(run.status == 74, "\(command) \(redirection): \(run.status)")
        }
        let verified = try ExecutableRun("log", "verify", in: home)
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        #expect(try ExecutableRun("history", "s", in: home).lines.count == 1)
    }

    @Test("every line of the log is in the format that was asked for, also what chains and plugins say")
    func logFormat() throws {
        let home = try Home()
        defer { home.directory.remove() }
        let log = home.directory.file("serve.log")
        let daemon = try RunningDaemon(in: home, ["--log-format", "json"], errors: log)
        #expect(try ExecutableRun("append", "s", "--role", "user", "hello", in: home).status == 0)
        #expect(try ExecutableRun("flush", in: home).status == 0)
        #expect(unlink(home.directory.file("data/history.db")) == 0)
        #expect(try ExecutableRun("append", "s", "--role", "user", "again", in: home).status == 0)
        #expect(try ExecutableRun("history", "s", in: home).lines.count == 2)
        try daemon.stop()
        let lines = try TextFile.read(log).split(separator: "\n")
        #expect(lines.contains { $0.contains("history.db") }, "\(lines)")
        for line in lines {
            #expect(line.hasPrefix(#"{"time":""#) && line.contains(#""level":""#), "\(line)")
        }
    }

    @Test("a file of tokens that cannot be read, or that everybody can write, is named, and nothing changes")
    func tokens() throws {
        let home = try Home(
            """
            storage:
              type: chain
              primary: { type: sqlite, path: ./data/history.db }
              log: { type: file-log, path: ./data/log }
            server: { tokens: ./tokens }
            """)
        defer { home.directory.remove() }
        let missing = try ExecutableRun("serve", "--listen", "127.0.0.1:0", in: home)
        #expect(missing.status != 0 && missing.errors.contains("tokens"), "\(missing.errors)")
        let path = try home.directory.write([], to: "tokens")
        #expect(chmod(path, 0o666) == 0)
        let open = try ExecutableRun("serve", "--listen", "127.0.0.1:0", in: home)
        #expect(open.status == 77 && open.errors.contains("expected chmod 600"), "\(open.errors)")
    }

    @Test("a limit of open files that connections may reach is warned of")
    func descriptors() {
        #expect(DescriptorLimit.warning(1024, connectionCountMax: 1024, addressCount: 2) != nil)
        #expect(DescriptorLimit.warning(65_536, connectionCountMax: 1024, addressCount: 2) == nil)
        #expect(throws: HoldfastError.self) { try DescriptorLimit.check(20) }
        #expect(throws: Never.self) { try DescriptorLimit.check(65_536) }
    }

    @Test("an export to - goes to standard output, and an import of a directory says that it is one")
    func places() throws {
        let home = try Home()
        defer { home.directory.remove() }
        #expect(try ExecutableRun("append", "s", "--role", "user", "hello", in: home).status == 0)
        let export = try ExecutableRun("export", "--output", "-", in: home)
        #expect(export.lines.count == 1 && export.output.contains("hello"), "\(export.output)")
        #expect(access(home.directory.file("-"), F_OK) != 0)
        let directory = try ExecutableRun("import", home.directory.path, in: home)
        #expect(
            directory.status == 65 && directory.errors.contains("it is a directory"), "\(directory.errors)")
    }
}
