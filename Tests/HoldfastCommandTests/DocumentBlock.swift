/// A fenced block of a document: what stands between two lines of three backticks.
struct DocumentBlock: Sendable {
    /// The line of its first fence, from 1.
    let line: Int
    /// The word behind the first fence; empty where there is none.
    let language: String
    /// The file that the reader makes of it, of `<!-- file: NAME -->` in front of it; or nothing.
    let file: String?
    /// What stands in it.
    let lines: [String]

    /// Its text, a line feed at its end.
    var text: String { lines.map { "\($0)\n" }.joined() }

    /// Whether its lines are commands: `console` shows answers too, `sh` and `bash` commands alone.
    var isTyped: Bool { ["console", "sh", "bash"].contains(language) && file == nil }

    /// The commands of a typed block with the lines that follow each of them.
    ///
    /// In `console` a command begins with `$ `, in the other languages each line is one. Either goes on in the next line
    /// after a `\`.
    var commands: [(line: Int, command: String, answer: [String])] {
        var found: [(line: Int, command: String, answer: [String])] = []
        for (number, text) in lines.enumerated() {
            if let last = found.last, last.command.hasSuffix("\\"), last.answer.isEmpty {
                found[found.count - 1].command = String(last.command.dropLast()) + text
            } else if language != "console" {
                if !text.isEmpty { found.append((line + number + 1, text, [])) }
            } else if text.hasPrefix("$ ") {
                found.append((line + number + 1, String(text.dropFirst(2)), []))
            } else if !found.isEmpty {
                found[found.count - 1].answer.append(text)
            }
        }
        return found
    }

    /// Whether a block that is not typed holds what its reader could type.
    var looksTyped: Bool {
        let words: Set = [
            "$", "apt", "apt-get", "bash", "clang", "cp", "curl", "docker", "export", "git", "holdfast",
            "make", "pip",
            "podman", "psql", "python3", "redis-cli", "sqlite3", "sudo", "swift", "systemctl",
        ]
        guard !isTyped, file == nil else { return false }
        if ["sql", "python"].contains(language) { return true }
        return ["", "text"].contains(language)
            && lines.contains { line in
                line.split(separator: " ").first.map { words.contains(String($0)) } ?? false
            }
    }

    /// Every block of a document, and what it needs of others: the words of `<!-- needs: … -->`.
    static func all(in text: String) -> (blocks: [DocumentBlock], needs: [String]) {
        var blocks: [DocumentBlock] = []
        var needs: [String] = []
        var open: (line: Int, language: String, file: String?)?
        var file: String?
        var lines: [String] = []
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            if let begun = open {
                if line.hasPrefix("```") {
                    blocks.append(
                        DocumentBlock(
                            line: begun.line, language: begun.language, file: begun.file, lines: lines))
                    open = nil
                } else {
                    lines.append(String(line))
                }
            } else if line.hasPrefix("```") {
                open = (number + 1, String(line.dropFirst(3)), file)
                (file, lines) = (nil, [])
            } else if let name = remark("file", in: line) {
                file = name
            } else if let words = remark("needs", in: line) {
                needs += words.split(separator: ",").map { String($0.drop { $0 == " " }) }
            }
        }
        return (blocks, needs)
    }

    /// What stands behind a word in a comment that is a line by itself.
    private static func remark(_ word: String, in line: Substring) -> String? {
        let start = "<!-- \(word): "
        guard line.hasPrefix(start), line.hasSuffix(" -->") else { return nil }
        return String(line.dropFirst(start.count).dropLast(4))
    }
}
