import Glibc
import HoldfastModel
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("holdfast lock")
struct LockCommandTests {
    let home: Home

    init() throws {
        home = try Home("storage: { type: sqlite, path: ./history.db }\n")
    }

    /// Starts a script under a lock, and waits until it says that it is ready.
    private func hold(
        _ name: String, _ script: String, lease: String = "30s"
    ) throws -> (process: HoldfastCommand.ChildProcess, lines: LineReader) {
        let process = try HoldfastCommand.ChildProcess.start(
            ExecutableRun.path,
            [
                "lock", name, "--config", home.configuration, "--lease", lease, "--owner", "holder", "--",
                "/bin/sh", "-c", script,
            ])
        var lines = LineReader(process.output)
        #expect(try lines.next().map { String(decoding: $0, as: UTF8.self) } == "ready")
        return (process, lines)
    }

    @Test("the command has its arguments, its input, the lock and the fence, and its status is the status")
    func run() throws {
        let script = "cat; echo \"$1 $HOLDFAST_LOCK $HOLDFAST_FENCE\"; exit 7"
        var fences: [UInt64] = []
        for _ in 0..<2 {
            let run = try ExecutableRun(
                ["lock", "a b", "--wait", "0", "--", "/bin/sh", "-c", script, "sh", "--lease"], in: home,
                input: "input\n")
            #expect(run.status == 7 && run.errors.isEmpty, "\(run.errors)")
            #expect(run.lines.first == "input")
            let words = run.lines.last?.split(separator: " ").map(String.init) ?? []
            #expect(words.dropLast() == ["--lease", "a", "b"])
            fences.append(words.last.flatMap { UInt64($0) } ?? 0)
        }
        #expect(fences[0] > 0 && fences[1] > fences[0])
        let killed = try ExecutableRun("lock", "x", "--", "/bin/sh", "-c", "kill -9 $$", in: home)
        #expect(killed.status == 137)
    }

    @Test("who comes second hears who holds the lock, and the list says it too")
    func second() throws {
        let go = try home.directory.makeFIFO("go")
        let (first, _) = try hold("x", "echo ready; cat '\(go)'; exit 3")
        let second = try ExecutableRun("lock", "x", "--wait", "0", "--", "/bin/true", in: home)
        #expect(second.status == 75)
        #expect(second.errors.hasPrefix("holdfast: conflict: lock \"x\" is held by holder since "))
        let locks = try ExecutableRun("locks", "--json", in: home)
        #expect(
            locks.output.contains(#"{"lock":"x","fence":"#) && locks.output.contains(#""owner":"holder""#))
        #expect(try ExecutableRun("locks", in: home).lines.last?.hasSuffix("30s") == true)
        try open(go)
        #expect(try first.wait() == .exited(3))
        #expect(try ExecutableRun("locks", in: home).output == "no locks are held\n")
        #expect(try ExecutableRun("locks", "--all", "--json", in: home).lines.count == 1)
        #expect(try ExecutableRun("lock", "x", "--wait", "0", "--", "/bin/true", in: home).status == 0)
    }

    @Test("a command whose lock is taken from it is ended, and the status is 75")
    func lost() throws {
        let (first, _) = try hold(
            "x", "echo ready; exec cat '\(try home.directory.makeFIFO("never"))'", lease: "6s")
        let unlock = try ExecutableRun("unlock", "x", in: home)
        #expect(unlock.status == 0 && unlock.output.hasPrefix("taken from holder, who held it since "))
        #expect(try first.wait() == .exited(75))
        #expect(try ExecutableRun("unlock", "x", in: home).output == "nobody held it\n")
    }

    @Test("a signal that is sent to holdfast reaches the command, and the lock is given back")
    func signals() throws {
        let never = try home.directory.makeFIFO("never")
        let (first, _) = try hold("x", "trap 'exit 9' TERM; cat '\(never)' & echo ready; wait")
        #expect(Glibc.kill(first.identifier, SIGTERM) == 0)
        #expect(try first.wait() == .exited(9))
        try open(never)
        #expect(try ExecutableRun("lock", "x", "--wait", "0", "--", "/bin/true", in: home).status == 0)
    }

    @Test(
        "what cannot be is refused, and nothing is run",
        arguments: [
            (["lock", "x"], 64, "there is no command"),
            (["lock", "x", "--lease", "5", "--", "/bin/true"], 65, "--lease \"5\" has no unit"),
            (["lock", "x", "--lease", "1ms", "--", "/bin/true"], 65, "expected 10 ms to 24 hours"),
            (["lock", "x", "--wait", "soon", "--", "/bin/true"], 65, "--wait \"soon\""),
            (["lock", "", "--", "/bin/true"], 65, "the name of the lock is empty"),
            (["lock", "x", "--", "/no/such/command"], 66, "cannot run /no/such/command"),
        ] as [([String], Int32, String)])
    func refused(arguments: [String], status: Int32, sentence: String) throws {
        let run = try ExecutableRun(arguments, in: home)
        #expect(run.status == status && run.errors.contains(sentence), "\(run.status): \(run.errors)")
    }

    /// Opens a named pipe for writing and closes it: whoever reads from it is at the end.
    private func open(_ fifo: String) throws {
        let descriptor = Glibc.open(fifo, O_WRONLY)
        guard descriptor >= 0 else { throw TestSupportError("cannot open \(fifo): errno \(errno)") }
        close(descriptor)
    }
}
