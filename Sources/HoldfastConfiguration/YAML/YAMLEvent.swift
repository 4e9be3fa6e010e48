/// One step of a YAML stream, as libyaml reports it, copied out of C memory.
struct YAMLEvent {
    /// What libyaml found.
    enum Kind {
        case streamStart
        case streamEnd
        case documentStart
        case documentEnd
        case alias(anchor: String)
        case scalar(anchor: String?, tag: String?, text: String, isPlain: Bool)
        case sequenceStart(anchor: String?, tag: String?)
        case sequenceEnd
        case mappingStart(anchor: String?, tag: String?)
        case mappingEnd
    }

    let kind: Kind
    let mark: YAMLMark
}

/// A position in a YAML text, both parts from 1, the column in characters.
struct YAMLMark {
    let line: Int
    let column: Int

    /// The first character.
    static let start = YAMLMark(line: 1, column: 1)

    /// One column on.
    var next: YAMLMark { YAMLMark(line: line, column: column + 1) }
}

/// What libyaml says when a text is not YAML.
struct YAMLSyntaxProblem: Error {
    /// What was found or missed, in libyaml's words.
    let problem: String
    /// What it was reading, such as `while parsing a block mapping`; empty where it does not say.
    let context: String
    /// Where the problem is.
    let mark: YAMLMark
    /// Where the thing in `context` begins.
    let contextMark: YAMLMark?
}
