/// What a document has its reader do, one thing after the other: files to make, commands to type, and what it says that
/// these answer.
///
/// `…` in an answer stands for any text of a line, and on a line of its own for any lines.
struct DocumentedCommands {
    /// One thing to do.
    enum Step {
        /// A command and its answer; nothing where the document shows none.
        case command(line: Int, String, answer: [String])
        /// A file and its text.
        case file(String, String)
    }

    /// In the order of the document.
    let steps: [Step]

    /// Takes what is to be done.
    ///
    /// - Parameters:
    ///   - blocks: all blocks of a document.
    ///   - isLeftOut: says which of them the reader alone can type.
    init(_ blocks: [DocumentBlock], isLeftOut: (DocumentBlock) -> Bool = { _ in false }) {
        steps = blocks.filter { !isLeftOut($0) }.flatMap { block -> [Step] in
            if let file = block.file { return [.file(file, block.text)] }
            guard block.isTyped else { return [] }
            return block.commands.map { .command(line: $0.line, $0.command, answer: $0.answer) }
        }
    }

    /// One shell script that does everything, with a line of its own in front of each answer.
    ///
    /// A command that ends with `&` is left running, and has answered when it has written as many lines as its answer has.
    ///
    /// - Parameter replacements: what is put in the place of names that a test cannot use, such as a fixed port.
    /// - Returns: text for bash.
    func script(replacing replacements: [(String, String)]) -> String {
        func replaced(_ text: String) -> String {
            replacements.reduce(text) { $0.replacing($1.0, with: $1.1) }
        }
        var lines = ["set -u"]
        for (number, step) in steps.enumerated() {
            lines.append("printf '\\n%s\\n' '\(Self.marker)\(number)'")
            switch step {
            case .file(let name, let text):
                lines.append("mkdir -p \"$(dirname '\(name)')\"; cat > '\(name)' <<'\(Self.end)'")
                lines.append(replaced(text) + Self.end)
            case .command(_, let command, let answer) where command.hasSuffix(" &"):
                let count = answer.filter { !$0.isEmpty }.count
                let isShort = "(($(grep -c . left-\(number)) < \(count)))"
                let typed = replaced(String(command.dropLast(2)))
                // One process, so that whoever ends what was left running ends it.
                lines.append(": > left-\(number)")
                lines.append(">left-\(number) 2>&1 env $(address) \(typed) </dev/null &")
                lines.append("while kill -0 $! 2>/dev/null && \(isShort); do sleep 0.02; done")
                lines.append("cat left-\(number)")
            case .command(_, let command, _):
                // Standard input is that of a person who types nothing.
                lines.append(
                    "{ \(replaced(command))\n} </dev/null || printf '\\n%s\\n' \"\(Self.failure)$?\"")
            }
        }
        lines.append("printf '\\n%s\\n' '\(Self.marker)\(steps.count)'")
        return lines.joined(separator: "\n") + "\n"
    }

    /// What is wrong with the answers in an output of the script.
    func faults(in output: String) -> [String] {
        var parts: [[String]] = [[]]
        for line in output.split(separator: "\n") {
            if line.hasPrefix(Self.marker) {
                parts.append([])
            } else {
                parts[parts.count - 1].append(String(line))
            }
        }
        guard parts.count == steps.count + 2 else {
            return [
                "the script ended after \(parts.count - 1) of \(steps.count) steps: \(output.suffix(2000))"
            ]
        }
        return zip(steps, parts.dropFirst()).compactMap { step, lines in
            guard case .command(let line, let command, let answer) = step else { return nil }
            if let failure = lines.first(where: { $0.hasPrefix(Self.failure) }) {
                let status = failure.dropFirst(Self.failure.count)
                return "line \(line): \(command): status \(status): \(lines.joined(separator: "\n"))"
            }
            let expected = answer.filter { !$0.isEmpty }
            // Where the document shows no answer, any will do.
            guard !expected.isEmpty, !Self.matches(expected[...], lines[...]) else { return nil }
            return "line \(line): \(command)\nanswers:\n\(lines.joined(separator: "\n"))\nnot:\n"
                + expected.joined(separator: "\n")
        }
    }

    private static func matches(_ expected: ArraySlice<String>, _ lines: ArraySlice<String>) -> Bool {
        guard let first = expected.first else { return lines.isEmpty }
        if first == "…" {
            return (lines.startIndex...lines.endIndex).contains {
                matches(expected.dropFirst(), lines[$0...])
            }
        }
        guard let line = lines.first, matches(line: first, line) else { return false }
        return matches(expected.dropFirst(), lines.dropFirst())
    }

    /// Blanks count as one: tables are as wide as their contents.
    private static func matches(line expected: String, _ line: String) -> Bool {
        func words(_ text: some StringProtocol) -> String {
            text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        let pieces = words(expected).split(separator: "…", omittingEmptySubsequences: false).map(words)
        var rest = Substring(words(line))
        for (number, piece) in pieces.enumerated() {
            if number == 0 {
                guard rest.hasPrefix(piece) else { return false }
                rest = rest.dropFirst(piece.count)
            } else if number == pieces.count - 1 {
                return rest.hasSuffix(piece)
            } else {
                guard let range = rest.firstRange(of: piece) else { return false }
                rest = rest[range.upperBound...]
            }
        }
        return pieces.count > 1 || rest.isEmpty
    }

    private static let marker = "== step "
    private static let failure = "== status "
    private static let end = "== end of the file"
}
