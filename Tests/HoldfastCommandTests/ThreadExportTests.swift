import Holdfast
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("Exports of threads, end to end")
struct ThreadExportTests {
    @Test("pages and a table are written, whatever names and texts are in them")
    func formats() async throws {
        let home = try Home(
            "plugins: { path: [\(ProcessFacts.executableDirectory)] }\nstorage: { type: sqlite, path: h.db }\n"
        )
        let file = home.directory.file("h.db")
        try home.edit("h.db", to: file)
        let store = try await HistoryStore.open(configuration: home.configuration)
        for (thread, handle, time) in [("1", "ann", "2026-01-02T10:00:00Z"), ("../2", "bob", "2026-01-03")] {
            let conversation = try await store.threads().conversation(
                agent: "a/b", channel: "<C>", thread: thread)
            _ = try await store.threads().createMessage(
                in: conversation.id, by: ThreadUser(id: handle, name: handle, handle: handle),
                blocks: [
                    .text("<script>\(handle)</script>", isUser: true),
                    .usage(TokenUsage(model: "m", inputTokens: 7)),
                ], at: Timestamp(time))
        }
        await store.close()
        let pages = try ExecutableRun("export", "--format", "html", "--agent", "a/b", in: home)
        #expect(pages.status == 0, "\(pages.errors)")
        #expect(pages.output == "wrote 2 threads to holdfast-export\n")
        let names = try CommandRun(
            ["/bin/ls", home.directory.file(ThreadExport.standardDirectory)], scratch: home.directory
        ).output.split(separator: "\n")
        #expect(names.count == 2)
        for name in names {
            let page = try TextFile.read(home.directory.file("holdfast-export/\(name)"))
            #expect(page.contains("&lt;script&gt;") && !page.contains("<script"))
        }
        let one = try ExecutableRun(
            "export", "--format", "markdown", "--agent", "a/b", "--handle", "ann", "--date-from",
            "2026-01-02",
            "--output", "md", "--json", in: home)
        #expect(one.output.contains(#""threads":1"#), "\(one.output)\(one.errors)")
        let table = try ExecutableRun(
            "export", "--format", "csv", "--agent", "a/b", "--date-to", "2026-01-02T23:59:59Z", in: home)
        #expect(table.output.split(separator: "\r\n").count == 2)
        #expect(table.output.contains(",ann,ann,ann,"))
    }

    @Test(
        "what does not go together is refused with what would be right",
        arguments: [
            (["--agent", "a"], "--format html"), (["--format", "html"], "--agent"),
            (["--format", "csv", "--agent", "a", "--session", "s"], "--session"),
            (["--format", "csv", "--agent", "a", "--date-from", "soon"], "--date-from"),
            (["--format", "pdf"], "--format"),
        ])
    func refusals(arguments: [String], word: String) throws {
        let run = try ExecutableRun(["export"] + arguments, in: Home())
        #expect(run.status == 64)
        #expect(run.errors.contains(word), "\(run.errors)")
    }
}
