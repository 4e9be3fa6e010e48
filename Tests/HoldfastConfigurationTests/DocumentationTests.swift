import Glibc
import HoldfastConfiguration
import HoldfastModel
import Testing

@Suite("Documentation")
struct DocumentationTests {
    private static let root = "\(#filePath)".split(separator: "/").dropLast(3).map { "/\($0)" }.joined()

    private func text(_ path: String) throws -> String {
        String(
            decoding: try Surroundings.process().readFile("\(Self.root)/\(path)", 1 << 20).bytes,
            as: UTF8.self)
    }

    @Test("docs/reference/configuration.md has the tables of all keys, as the code has them")
    func keyTables() throws {
        let begin = "<!-- keys: begin -->\n\n"
        let end = "\n<!-- keys: end -->"
        let path = "docs/reference/configuration.md"
        let page = try text(path)
        let from = try #require(page.firstRange(of: begin))
        let to = try #require(page.firstRange(of: end))
        if getenv("UPDATE_GOLDEN") != nil {
            let file = try #require(fopen("\(Self.root)/\(path)", "w"))
            defer { fclose(file) }
            fputs(page[..<from.upperBound] + ConfigurationKeys.documentation + page[to.lowerBound...], file)
        } else {
            #expect(page[from.upperBound..<to.lowerBound] == ConfigurationKeys.documentation)
        }
    }

    @Test("the storage.yaml of the repository is what `holdfast init` writes")
    func template() throws {
        #expect(try text("storage.yaml") == StorageTemplate.text)
    }

    @Test("the storage.yaml of the repository is a chain without errors or warnings")
    func templateIsRight() throws {
        let (configuration, options) = try Fixture.check(StorageTemplate.text)
        #expect(configuration.warnings.isEmpty)
        #expect(configuration.providers.map(\.type) == ["sqlite", "sqlite", "file-log"])
        #expect(configuration.pluginDirectories.isEmpty)
        #expect(options["storage.log"]?.json.contains("/work/data/log") == true)
    }

    @Test("every example of docs/reference/configuration.md is right")
    func examples() throws {
        let blocks = try text("docs/reference/configuration.md").split(separator: "```yaml\n").dropFirst()
        #expect(blocks.count >= 4)
        for block in blocks {
            let example = String(
                block.prefix(upTo: block.firstRange(of: "```")?.lowerBound ?? block.endIndex))
            #expect(Fixture.errors(example) == "", "\(example)")
        }
    }
}
