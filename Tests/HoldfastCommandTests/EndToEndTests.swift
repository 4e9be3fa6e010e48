import Glibc
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("The executable, end to end")
struct EndToEndTests {
    @Test("an import and an export give every line back, byte for byte", arguments: Corpus.all)
    func roundTrip(corpus: Corpus) throws {
        let home = try Home()
        let file = try corpus.write(in: home)
        let first = try ExecutableRun("import", file, in: home)
        #expect(first.status == 0, "\(first.errors)")
        #expect(first.output.contains("appended \(Quantity.count(corpus.lines.count)) messages"))
        #expect(try home.exported() == corpus.lines.sorted())
    }

    @Test("importing twice changes nothing")
    func twice() throws {
        let home = try Home()
        let file = try Corpus.sample.write(in: home)
        _ = try ExecutableRun("import", file, in: home)
        let second = try ExecutableRun("import", file, "--json", in: home)
        let count = Corpus.sample.lines.count
        #expect(second.lines.last?.contains(#""appended":0,"skipped":\#(count)"#) == true, "\(second.output)")
        #expect(try home.exported() == Corpus.sample.lines.sorted())
    }

    @Test("an import that meets another message in its place stops, and changes nothing")
    func conflict() throws {
        let home = try Home()
        let other = #"{"session": "sample/library#0", "index": 0, "message": 1}"#
        #expect(try ExecutableRun("import", "-", in: home, input: other).status == 0)
        let file = try Corpus.sample.write(in: home)
        let run = try ExecutableRun("import", file, "--batch", "8", in: home)
        #expect(run.status == ExitStatus.temporary.rawValue)
        #expect(run.errors.contains("holds another message at index 0"))
        #expect(try home.exported().filter { $0.contains("library#0\"") } == [other])
    }

    @Test("a conversation that was cleared can be imported again")
    func clearAndImport() throws {
        let home = try Home()
        let file = try Corpus.sample.write(in: home)
        _ = try ExecutableRun("import", file, in: home)
        #expect(try ExecutableRun("clear", "sample/library#0", in: home).status == 0)
        #expect(try home.exported().contains { $0.contains("library#0\"") } == false)
        #expect(try ExecutableRun("import", file, in: home).status == 0)
        #expect(try home.exported() == Corpus.sample.lines.sorted())
    }

    @Test("the loss of the primary's file loses no message", arguments: Corpus.all)
    func lostPrimary(corpus: Corpus) throws {
        let home = try Home()
        let file = try corpus.write(in: home)
        _ = try ExecutableRun("import", file, in: home)
        for ending in ["", "-wal", "-shm"] {
            try FileDescriptor.remove(home.directory.file("data/history.db\(ending)"))
        }
        #expect(try home.exported() == corpus.lines.sorted())
        let check = try ExecutableRun("check", "--live", in: home)
        #expect(check.status == 0, "\(check.output)\(check.errors)")
        let alone = try Home("storage: { type: sqlite, path: \(home.directory.file("data/history.db")) }\n")
        #expect(try alone.exported() == corpus.lines.sorted())
    }

    @Test(
        "another backend is another line of storage.yaml",
        arguments: [
            ("type: sqlite\n    path: ./data/history.db\n    synchronous: normal", "type: memory"),
            ("history.db", "elsewhere.db"),
        ])
    func anotherBackend(part: String, other: String) throws {
        let home = try Home()
        let file = try Corpus.sample.write(in: home)
        _ = try ExecutableRun("import", file, in: home)
        try home.edit(part, to: other)
        #expect(try home.exported() == Corpus.sample.lines.sorted())
        let more = #"{"session": "later", "index": 0, "message": "x"}"#
        #expect(try ExecutableRun("import", "-", in: home, input: more).status == 0)
        #expect(try home.exported() == (Corpus.sample.lines + [more]).sorted())
    }

    @Test("a chain that another process holds is named with that process's number")
    func held() throws {
        let home = try Home()
        let holder = try ChildProcess.start(
            "/bin/sh",
            [
                "-c", "exec 3<>\"$1\"; exec \"$0\" import - --json --batch 1 --config \"$2\" < \"$1\"",
                ExecutableRun.path,
                try home.directory.makeFIFO("lines"), home.configuration,
            ])
        let writer = try FileDescriptor.create(home.directory.file("lines"))
        try writer.write(Array("{\"session\": \"s\", \"index\": 0, \"message\": 0}\n".utf8))
        var reader = LineReader(holder.output)
        let line = try reader.next()
        #expect(line.map { String(decoding: $0, as: UTF8.self) }?.contains("acknowledged") == true)
        let run = try ExecutableRun("sessions", in: home)
        #expect(run.status == ExitStatus.temporary.rawValue, "\(run.errors)")
        #expect(run.errors.contains("process \(holder.identifier)"), "\(run.errors)")
        holder.kill()
        _ = try holder.wait()
        writer.close()
        #expect(try ExecutableRun("sessions", in: home).status == 0)
    }

    @Test(
        "a log with a damaged entry is named, answered from, and salvaged without losing what the backends have"
    )
    func damagedLog() throws {
        let home = try Home()
        let messages = (1...6).map { "{\"text\":\"number \($0)\"}" }
        for message in messages { _ = try ExecutableRun("append", "talk", message, in: home) }
        try home.damage("number 3")
        let verified = try ExecutableRun("log", "verify", in: home)
        #expect(verified.status == 65)
        #expect(verified.output.contains("LSN 3 lost"), "\(verified.output)")
        let refused = try ExecutableRun("append", "talk", "7", in: home)
        #expect(refused.status == 65)
        #expect(refused.errors.contains("entry 3 cannot be read, of 1 to 6"), "\(refused.errors)")
        #expect(try ExecutableRun("history", "talk", in: home).lines == messages)
        #expect(try ExecutableRun("status", in: home).status == 75)
        // A backend that cannot be asked may be the one that has the entry.
        let backup = home.directory.file("data/backup.db")
        try #require(rename(backup, backup + ".away") == 0)
        try #require(mkdir(backup, 0o700) == 0)
        let early = try ExecutableRun("log", "salvage", in: home)
        #expect(early.status == 75 && early.output.contains("the log stays damaged"), "\(early.output)")
        #expect(try ExecutableRun("append", "talk", "7", in: home).status == 65)
        rmdir(backup)
        try #require(rename(backup + ".away", backup) == 0)
        let salvage = try ExecutableRun("log", "salvage", in: home)
        #expect(salvage.status == 0, "\(salvage.output)\(salvage.errors)")
        #expect(salvage.output.contains("brought 5 entries"), "\(salvage.output)")
        let after = try ExecutableRun("append", "talk", "7", in: home)
        #expect(after.status == 0, "\(after.errors)")
        #expect(try ExecutableRun("history", "talk", in: home).lines == messages + ["7"])
        #expect(try ExecutableRun("log", "verify", in: home).status == 0)
    }

    @Test("the demonstration holds at every step, and leaves nothing behind")
    func demonstration() throws {
        let home = try Home()
        let run = try ExecutableRun("demo", in: home)
        #expect(run.status == 0, "\(run.errors)\(run.output)")
        #expect(run.output.contains("Every step held"))
        #expect(try home.directory.names().filter { $0.hasPrefix("holdfast-demo") } == [])
    }
}
