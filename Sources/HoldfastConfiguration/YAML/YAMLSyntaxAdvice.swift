internal import HoldfastModel

/// Turns what libyaml says into a sentence that tells a person what to change.
enum YAMLSyntaxAdvice {
    /// Makes the error for a text that is not YAML.
    static func error(for problem: YAMLSyntaxProblem, in text: YAMLText, file: String) -> HoldfastError {
        let location = FileLocation(file: file, line: problem.mark.line, column: problem.mark.column)
        if problem.context == YAMLSyntaxProblem.ownContext {
            return HoldfastError(.invalid, problem.problem, at: location)
        }
        var message = "not YAML: \(problem.problem)"
        if !problem.context.isEmpty { message += " \(problem.context)" }
        if let begin = problem.contextMark, begin.line != problem.mark.line, !problem.context.isEmpty {
            message += " that begins on line \(begin.line)"
        }
        if let advice = advice(for: problem, in: text) { message += "; \(advice)" }
        return HoldfastError(.invalid, message, at: location)
    }

    private static func advice(for problem: YAMLSyntaxProblem, in text: YAMLText) -> String? {
        let character = text.character(at: problem.mark)
        let line = String(String.UnicodeScalarView(text.line(problem.mark.line)))
        if character == "\t"
            || text.line(problem.mark.line).prefix(while: { $0 == " " || $0 == "\t" }).contains("\t")
        {
            return "indent with spaces, not with tabs"
        }
        let isFlow = problem.context.contains("flow") || problem.problem.contains("flow")
        if line.contains("${"), isFlow {
            return "inside { } and [ ] a value with ${…} needs quotes: \"${NAME}\""
        }
        switch problem.problem {
        case "mapping values are not allowed in this context":
            return "put a value that contains \": \" in quotes, or align the key with the one above"
        case "did not find expected key":
            return "align this line with the keys of its mapping"
        case "could not find expected ':'":
            return "expected a colon and a space after the key"
        case "did not find expected '-' indicator":
            return "align this line with the \"- \" of its list"
        case "found unexpected end of stream":
            return "close the quotes"
        case "found character that cannot start any token":
            return character.map { "put a value that begins with \"\($0)\" in quotes" }
        case "found unknown escape character":
            return "use single quotes, in which a backslash is only a backslash"
        case "found incompatible YAML document":
            return "expected %YAML 1.1 or 1.2, or no such line"
        default:
            return isFlow ? "expected a comma, or the bracket that closes" : nil
        }
    }
}

extension YAMLSyntaxProblem {
    /// Marks a problem that this module found itself, so that its words are complete.
    static let ownContext = "holdfast"
}
