import Holdfast
import HoldfastConfiguration

/// What people should know besides the answer; it goes to standard error, a line for each.
///
/// For programs it is an object, as an error is: who reads standard error line by line need not know two languages.
enum Note: Sendable {
    /// How much it matters.
    enum Level: String, Sendable {
        case note, warning, error
    }

    /// Whether programs read what this process says.
    static let isForPrograms = RootCommand.asksForJSON(Array(CommandLine.arguments.dropFirst()))

    /// Says what an answer had to do without.
    static func print(_ degradations: [Degradation]) throws(HoldfastError) {
        for degradation in degradations {
            let word = [JSONMember("degradation", .string(degradation.description))]
            try FileDescriptor.standardError.write(
                line(.note, sentence(for: degradation), word, isJSON: isForPrograms))
        }
    }

    /// Says one thing.
    static func print(_ sentence: String) throws(HoldfastError) {
        try FileDescriptor.standardError.write(line(.note, sentence, isJSON: isForPrograms))
    }

    /// The line that says one thing.
    ///
    /// - Parameters:
    ///   - level: how much it matters.
    ///   - sentence: what is said.
    ///   - members: what programs hear beside it.
    ///   - isJSON: whether programs read it.
    /// - Returns: text, or an object, with a line feed at its end.
    static func line(
        _ level: Level, _ sentence: String, _ members: [JSONMember] = [], isJSON: Bool
    ) -> [UInt8] {
        guard isJSON else {
            return Array("holdfast: \(level.rawValue): \(TextTable.printable(sentence))\n".utf8)
        }
        let said: [JSONMember] = [
            JSONMember("level", .string(level.rawValue)), JSONMember("message", .string(sentence)),
        ]
        let object = JSONValue.object([JSONMember("note", .object(said + members))])
        return Array((object.text + "\n").utf8)
    }

    /// The sentence for a degradation.
    static func sentence(for degradation: Degradation) -> String {
        switch degradation {
        case .primaryDown: "the primary is down; the write is safe in the log and follows when it returns"
        case .fallback(let name):
            "read from \"\(name)\" with the log laid over it, because the primary is down"
        case .hostLocal: "what other hosts wrote since the outage began is not in this answer"
        case .logDamaged:
            "the log is damaged; what it holds and the primary does not is missing from this answer"
        case .idMayChange: "the id may change when the write reaches the primary"
        case .backupBehind(let name): "the backup \"\(name)\" has not taken the write yet"
        case .contentsApart: "large contents are kept apart, and were not looked into"
        }
    }
}
