import ArgumentParser
import HoldfastConfiguration

/// A word on the command line that names no command, and the one that was probably meant.
struct MistypedCommand: Hashable, Sendable {
    /// What was typed.
    let word: String
    /// What stands before it, such as `holdfast log`.
    let parent: String
    /// Which words would have been right.
    let known: [String]

    /// Finds the mistyped command on a command line, if there is one.
    ///
    /// - Parameters:
    ///   - arguments: without the name of the executable.
    ///   - root: the command with its subcommands.
    /// - Returns: the first word that names no command where one is expected.
    static func find(in arguments: [String], of root: any ParsableCommand.Type) -> MistypedCommand? {
        var children = root.configuration.subcommands
        var path = [root.configuration.commandName ?? "holdfast"]
        for word in arguments {
            guard !children.isEmpty, word != "help", !word.hasPrefix("-") else { return nil }
            guard let child = children.first(where: { $0.configuration.commandName == word }) else {
                let known = children.compactMap { $0.configuration.commandName }
                return MistypedCommand(word: word, parent: path.joined(separator: " "), known: known)
            }
            children = child.configuration.subcommands
            path.append(word)
        }
        return nil
    }

    /// What is wrong, and what would be right.
    var message: String {
        let advice =
            Spelling.nearest(to: word, among: known).map { "did you mean \"\(parent) \($0)\"?" }
            ?? "expected one of \(known.joined(separator: ", "))"
        return "\"\(word)\" is not a command of \(parent), \(advice)"
    }
}
