import HoldfastTestSupport

/// The commands that a document tells its reader to type, and what it says that they answer.
///
/// They stand in blocks of the language `console`: a line that begins with `$ ` is a command, which goes on in the next
/// line after a `\`; what follows up to the next command is the answer. `…` in an answer stands for any text of a line, and
/// on a line of its own for any lines. A block behind `<!-- not run: reason -->` is for the reader alone.
struct DocumentedCommands {
    /// A command and its answer.
    struct Step {
        let line: Int
        var command: String
        var answer: [String]
    }

    /// In the order of the document.
    private(set) var steps: [Step] = []
    /// Why some blocks are not run.
    private(set) var reasons: [String] = []

    /// Finds the commands of a document.
    init(_ text: String) {
        var isBlock = false
        var isRun = true
        for (number, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            switch line {
            case "```console": isBlock = true
            case _ where line.hasPrefix("```"):
                isBlock = false
                isRun = true
            case _ where line.hasPrefix("<!-- not run: "):
                isRun = false
                reasons.append(String(line.dropFirst(14).dropLast(4)))
            default:
                guard isBlock, isRun else { continue }
                add(line, number + 1)
            }
        }
    }

    private mutating func add(_ line: Substring, _ number: Int) {
        if let last = steps.last, last.command.hasSuffix("\\"), last.answer.isEmpty {
            steps[steps.count - 1].command = String(last.command.dropLast()) + line
        } else if line.hasPrefix("$ ") {
            steps.append(Step(line: number, command: String(line.dropFirst(2)), answer: []))
        } else if !steps.isEmpty {
            steps[steps.count - 1].answer.append(String(line))
        }
    }

    /// One shell script that types everything, with a line of its own in front of each answer.
    ///
    /// - Parameter replacements: what is put in the place of names that a test cannot use, such as a fixed port.
    /// - Returns: text for bash.
    func script(replacing replacements: [(String, String)]) -> String {
        var lines = ["set -u"]
        for (number, step) in steps.enumerated() {
            let command = replacements.reduce(step.command) { $0.replacing($1.0, with: $1.1) }
            lines.append("printf '\\n%s\\n' '\(Self.marker)\(number)'")
            // Standard input is that of a person who types nothing.
            lines.append("{ \(command)\n} </dev/null || printf '\\n%s\\n' \"\(Self.failure)$?\"")
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
                "the script ended after \(parts.count - 1) of \(steps.count) commands: \(output.suffix(2000))"
            ]
        }
        return zip(steps, parts.dropFirst()).compactMap { step, lines in
            if let failure = lines.first(where: { $0.hasPrefix(Self.failure) }) {
                let status = failure.dropFirst(Self.failure.count)
                return
                    "line \(step.line): \(step.command): status \(status): \(lines.joined(separator: "\n"))"
            }
            let expected = step.answer.filter { !$0.isEmpty }
            // Where the document shows no answer, any will do.
            guard !expected.isEmpty, !Self.matches(expected[...], lines[...]) else { return nil }
            return "line \(step.line): \(step.command)\nanswers:\n\(lines.joined(separator: "\n"))\nnot:\n"
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
}
