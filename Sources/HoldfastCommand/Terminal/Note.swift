import Holdfast

/// What people should know besides the answer; it goes to standard error.
enum Note: Sendable {
    /// Says what an answer had to do without.
    static func print(_ degradations: [Degradation]) throws(HoldfastError) {
        for degradation in degradations { try print(sentence(for: degradation)) }
    }

    /// Says one thing.
    static func print(_ sentence: String) throws(HoldfastError) {
        try FileDescriptor.standardError.write(
            Array("holdfast: note: \(TextTable.printable(sentence))\n".utf8))
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
