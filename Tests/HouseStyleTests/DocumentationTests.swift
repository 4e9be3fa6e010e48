import HoldfastModel
import Testing

@Suite("Documentation")
struct DocumentationTests {
    @Test("every folder of sources has its row in docs/ARCHITECTURE.md")
    func architecture() throws {
        let text = try Repository.text("docs/ARCHITECTURE.md")
        let files = (Repository.products + Repository.c).map(\.path)
        let folders = Set(files.map { $0.split(separator: "/").dropLast().joined(separator: "/") })
        let own = folders.map { $0.hasSuffix("/include") ? String($0.dropLast("/include".count)) : $0 }
        #expect(Set(own).filter { !text.contains("`\($0)`") }.sorted() == [])
    }

    @Test("docs/ARCHITECTURE.md names no folder or file that is not there")
    func architectureIsTrue() throws {
        let text = try Repository.text("docs/ARCHITECTURE.md")
        let named = text.matches(of: /`((Sources|Plugins|Tests)\/[A-Za-z0-9\/+.]+)`/).map {
            String($0.output.1)
        }
        let known = Repository.files(in: ["Sources", "Plugins", "Tests"], endings: [""]).map(\.path)
        #expect(named.filter { name in !known.contains { $0 == name || $0.hasPrefix(name + "/") } } == [])
    }

    @Test("every error code has its row in docs/reference/errors.md", arguments: HoldfastError.Code.allCases)
    func errors(code: HoldfastError.Code) throws {
        let rows = try Repository.text("docs/reference/errors.md").split(separator: "\n").filter {
            $0.hasPrefix("| `\(code)` |")
        }
        #expect(rows.count == 1)
        let header = try Repository.text("Sources/CHoldfastProvider/include/holdfast_provider.h")
        let statuses = rows.flatMap { $0.matches(of: /HF_[A-Z_]+/).map { String($0.output) } }
        #expect(statuses.count == 1 && statuses.allSatisfy { header.contains("\($0) = ") })
    }

    @Test(
        "every row of the failure matrix in docs/explanation/semantics.md has a test that begins with its id")
    func failureMatrix() throws {
        let rows = try Repository.text("docs/explanation/semantics.md").matches(of: /\n\| (M\d\d) \|/).map {
            String($0.output.1)
        }
        #expect(rows.count >= 16)
        #expect(Set(rows).count == rows.count)
        let tested = Repository.tests.flatMap { file in
            file.text.matches(of: /@Test\(\s*"((?:M\d\d )+)/).flatMap { $0.output.1.split(separator: " ") }
        }
        #expect(rows.filter { row in !tested.contains { $0 == row } } == [])
        #expect(tested.filter { id in !rows.contains { $0 == id } } == [])
    }

    @Test("a link between documents leads to a file")
    func links() throws {
        let documents = Repository.files(in: ["docs"], endings: [".md"]).map(\.path)
        let wrong = try (documents + ["README.md", "CONTRIBUTING.md"]).flatMap { document in
            let folder = document.split(separator: "/").dropLast().map(String.init)
            return try Repository.text(document).matches(of: /\]\(([^):#]+)(#[^)]*)?\)/).map {
                String($0.output.1)
            }
            .filter { link in
                let parts = (folder + link.split(separator: "/").map(String.init)).reduce(into: [String]()) {
                    if $1 == ".." { _ = $0.popLast() } else if $1 != "." { $0.append($1) }
                }
                return !Repository.exists(parts.joined(separator: "/"))
            }.map { "\(document): \($0)" }
        }
        #expect(wrong == [])
    }

    @Test("a document that a source, a test or a program of the repository names is there")
    func mentions() {
        let files =
            Repository.products + Repository.tests + Repository.c
            + Repository.files(
                in: ["Benchmarks/Sources", "Tests/Python"], endings: [".swift", ".py", "run"])
        let wrong = files.flatMap { file in
            // An expression is slow where it is not optimised.
            file.lines.filter { $0.contains("docs/") }
                .flatMap { $0.matches(of: /\bdocs\/[A-Za-z\/-]+\.md/).map { String($0.output) } }
                .filter { !Repository.exists($0) }.map { "\(file.path): \($0)" }
        }
        #expect(wrong == [])
    }

    @Test("a document is of one kind, and the index leads to it")
    func kinds() throws {
        let index = try Repository.text("docs/README.md")
        let all = Repository.files(in: ["docs"], endings: [".md"]).map { $0.path.dropFirst(5) }
        let top: Set<Substring> = ["ARCHITECTURE.md", "GLOSSARY.md", "TESTING.md", "README.md"]
        let folders = ["tutorials/", "how-to/", "reference/", "explanation/", "adr/"]
        let pages = all.filter { !top.contains($0) }
        #expect(pages.filter { page in !folders.contains { page.hasPrefix($0) } } == [])
        let led = pages.filter { !$0.hasPrefix("adr/") } + top.filter { $0 != "README.md" }
        #expect(led.filter { !index.contains("](\($0))") }.sorted() == [])
    }

    @Test("the words of the project have one meaning each in docs/GLOSSARY.md")
    func glossary() throws {
        let terms = try Repository.text("docs/GLOSSARY.md").matches(of: /\n\| \*\*([^*]+)\*\* \|/).map {
            String($0.output.1)
        }
        #expect(terms.count > 20)
        #expect(Set(terms).count == terms.count)
    }
}
