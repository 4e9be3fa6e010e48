import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("holdfast search and retain") struct SearchCommandTests {
    @Test("messages are found by their words, for people and for programs")
    func search() throws {
        let home = try Home()
        for (session, message) in [
            ("s1", #"{"role":"user","content":"the Deploy failed"}"#),
            ("s2", #"{"role":"assistant","content":"deployed"}"#),
        ] {
            #expect(try ExecutableRun("append", session, message, in: home).status == 0)
        }
        let both = try ExecutableRun("search", "deploy*", in: home)
        #expect(both.lines.count == 2 && both.lines[0].hasSuffix("\ts2\t[deployed]"))
        #expect(both.lines[1].hasSuffix("\ts1\tthe [Deploy] failed"))
        let one = try ExecutableRun("search", "deploy* -deployed", "--json", in: home)
        #expect(one.lines.first?.contains(#""snippets":[{"pointer":"/content""#) == true)
        #expect(
            one.lines.first?.contains(#""message": {"role":"user","content":"the Deploy failed"}"#) == true)
        #expect(one.lines.last == #"{"next":null,"searched_by":"scan"}"#)
        #expect(try ExecutableRun("search", "deploy", "--session", "s2", in: home).lines == ["nothing found"])
        #expect(try ExecutableRun("search", "--role", "user", "!", in: home).status != 0)
    }

    @Test("retention removes what its policies say, and nothing on a dry run")
    func retain() throws {
        let home = try Home()
        #expect(try ExecutableRun("retain", in: home).status != 0)
        let text = try TextFile.read(home.configuration)
        try home.directory.write(
            Array(
                (text + "\nretention: { policies: [{ namespace: conversations, max_messages: 1 }] }\n").utf8),
            to: "storage.yaml")
        for number in 1...3 { #expect(try ExecutableRun("append", "s", "\(number)", in: home).status == 0) }
        let trial = try ExecutableRun("retain", "--dry-run", "--json", in: home)
        #expect(trial.lines.first?.contains(#""dry_run":true"#) == true)
        #expect(trial.lines.first?.contains(#""removed":2"#) == true)
        #expect(try ExecutableRun("history", "s", in: home).output.contains("1"))
        let run = try ExecutableRun("retain", in: home)
        #expect(run.status == 0 && run.lines.first?.contains("removed") == true)
        #expect(
            try ExecutableRun("retain", "--json", in: home).lines.first?.contains(#""removed":0"#) == true)
    }
}
