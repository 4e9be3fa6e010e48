import ArgumentParser
import HoldfastConfiguration
import HoldfastModel

/// Writes a commented storage.yaml: `holdfast init`.
struct InitCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Write a commented storage.yaml to begin with.",
        discussion: "A chain of an SQLite primary, an SQLite backup and a write-ahead log, in ./data.")

    @Argument(help: "The file to write.", completion: .file(extensions: ["yaml", "yml"]))
    var path = "storage.yaml"

    @Flag(name: .long, help: "Replace a file that is there.")
    var force = false

    @OptionGroup var output: OutputOptions

    func run() async throws {
        if FileDescriptor.isThere(path), !force {
            throw Failure(
                HoldfastError(.invalid, "\(path) is there already, --force replaces it"), status: .inputOutput
            )
        }
        let file = try ReplacementFile(at: path)
        do {
            try file.descriptor.write(Array(StorageTemplate.text.utf8))
            try file.commit()
        } catch {
            file.discard()
            throw error
        }
        var answer = output.answer
        try answer.finish(
            ["file": .string(path)],
            or:
                "wrote \(TextTable.printable(path)); next: holdfast check, holdfast append hello --role user hi\n"
        )
    }
}
