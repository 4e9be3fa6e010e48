import ArgumentParser
import HoldfastTestSupport
import Testing

@testable import HoldfastCommand

@Suite("docs/reference/command.md") struct CommandReferenceTests {
    /// A command, as it is typed, and its type.
    private typealias Entry = (name: String, type: any ParsableCommand.Type)

    private static func commands(of parent: any ParsableCommand.Type, _ path: String) -> [Entry] {
        parent.configuration.subcommands.flatMap { child -> [Entry] in
            let name = path + (child.configuration.commandName ?? "")
            let isGroup = !child.configuration.subcommands.isEmpty
            return isGroup ? commands(of: child, name + " ") : [(name, child)]
        }
    }

    @Test("every command has a row, with what it does and with each of its options")
    func everyOption() throws {
        let text = try TextFile.read("\(PluginCompiler.packageDirectory)/docs/reference/command.md")
        let rows = text.split(separator: "\n").filter { $0.hasPrefix("| `") }
        let everywhere: Set<Substring> = ["--config", "--json", "--help", "--version"]
        for (name, type) in Self.commands(of: RootCommand.self, "") {
            let row = try #require(
                rows.first { $0.hasPrefix("| `\(name)`") || $0.hasPrefix("| `\(name) ") }, "\(name)")
            #expect(row.contains(type.configuration.abstract), "\(name)")
            let help = RootCommand.helpMessage(for: type, columns: 1000)
            let lines = help.split(separator: "\n").filter { $0.hasPrefix("  -") }
            let options = lines.compactMap { $0.firstMatch(of: /--[a-z-]+/)?.output }
            #expect(!options.isEmpty)
            for option in options where !everywhere.contains(option) {
                #expect(row.contains(" \(option)") || row.contains("`\(option)"), "\(name) \(option)")
            }
        }
    }
}
