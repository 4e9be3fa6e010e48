/// A block of a document that its reader can type or read, and no test can run: which one, and why.
struct LeftOutBlock: Hashable, CustomStringConvertible {
    /// The document, from the top of the repository.
    let document: String
    /// How its first line begins.
    let beginning: String
    let reason: String

    var description: String { "\(document): \(beginning): \(reason)" }

    /// All of them.
    static let all: [LeftOutBlock] = [
        LeftOutBlock("README.md", "make demo", "they are the build and the test suite themselves"),
        LeftOutBlock("CONTRIBUTING.md", "make build", "they are the build and the test suite themselves"),
        LeftOutBlock("docs/TESTING.md", "make kill-loop", "each takes minutes"),
        LeftOutBlock("docs/how-to/run-as-a-service.md", "sudo install", "they change the machine"),
        LeftOutBlock(
            "docs/how-to/run-as-a-service.md", "sudo systemctl", "they need systemd as the first process"),
        LeftOutBlock(
            "docs/how-to/keep-it-on-postgresql.md", "CREATE ROLE",
            "the server of the test has its role already"),
        LeftOutBlock(
            "docs/reference/postgresql.md", "SELECT",
            "the same as what keep-it-on-postgresql.md has its reader type"),
    ]

    /// What a fence may say: what is typed, checked by a test, or read alone.
    static let languages: Set = [
        "console", "sh", "yaml", "json", "swift", "python", "sql", "ini", "text",
    ]

    private init(_ document: String, _ beginning: String, _ reason: String) {
        (self.document, self.beginning, self.reason) = (document, beginning, reason)
    }

    /// What is said of a block, or nothing.
    static func reason(for block: DocumentBlock, of path: String) -> LeftOutBlock? {
        all.first { $0.document == path && block.lines.first?.hasPrefix($0.beginning) == true }
    }
}
