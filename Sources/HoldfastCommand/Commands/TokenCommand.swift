import ArgumentParser
import Holdfast
import HoldfastConfiguration
import HoldfastHTTP

/// Makes a token for the daemon: `holdfast token NAME`.
struct TokenCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "token", abstract: "Make a bearer token for the daemon.",
        discussion: """
            Prints the token, which is kept nowhere, and the line with its hash for the file that server.tokens in \
            storage.yaml names. Send the daemon SIGHUP after adding the line.
            """)

    @OptionGroup var output: OutputOptions

    @Option(name: .long, help: "What it allows: read, write or admin.")
    var scope = "write"

    @Option(name: .long, help: "The tenant whose namespaces the token cannot leave.")
    var tenant: String?

    @Argument(help: "What logs call it.")
    var name: String

    init() {}

    func run() throws {
        guard let scope = Scope(rawValue: scope) else {
            throw HoldfastError(.invalid, "the scope is \"\(scope)\", expected read, write or admin")
        }
        let draft = try TokenFile.draft(name: name, scope: scope, tenant: tenant)
        var answer = output.answer
        try answer.finish(
            .object([
                JSONMember("token", .string(draft.token)), JSONMember("line", .string(draft.line)),
            ]), or: "token: \(draft.token)\nline:  \(draft.line)\n")
    }
}
