import Holdfast

/// Messages that are appended to one conversation in one atomic step.
struct ImportRun: Hashable, Sendable {
    /// The conversation.
    let session: String
    /// The place of the first message in it, from 0.
    let first: Int
    /// The messages, in order.
    var messages: [MessageText]

    /// Bytes of the messages.
    var byteCount: Int { messages.reduce(0) { $0 + $1.bytes.count } }
}

/// Groups the lines of a file into runs: lines of one conversation that follow each other in it.
///
/// A conversation's lines may stand among those of others, but its places must rise by one from 0, so that a file of
/// which a part is missing is noticed instead of imported.
struct ImportPlan: Sendable {
    private var counts: [String: Int] = [:]
    private var runs: [ImportRun] = []
    private var positions: [String: Int] = [:]
    private var messageCount = 0
    private var byteCount = 0

    /// Begins with an empty file.
    init() {}

    /// How many lines are waiting to be taken.
    var pendingMessageCount: Int { messageCount }
    /// Bytes of the messages that are waiting to be taken.
    var pendingByteCount: Int { byteCount }

    /// Adds the next line of the file.
    ///
    /// - Throws: `invalid` when its place is not the one after the conversation's last line.
    mutating func add(_ line: ConversationLine) throws(HoldfastError) {
        let expected = counts[line.session] ?? 0
        guard line.index == expected else {
            throw HoldfastError(
                .invalid,
                "index \(line.index) of session \"\(line.session)\" follows \(expected) lines of it, expected \(expected)"
            )
        }
        counts[line.session] = expected + 1
        if let position = positions[line.session] {
            runs[position].messages.append(line.message)
        } else {
            positions[line.session] = runs.count
            runs.append(ImportRun(session: line.session, first: line.index, messages: [line.message]))
        }
        messageCount += 1
        byteCount += line.message.bytes.count
    }

    /// Takes what is waiting; each conversation has one run in it.
    mutating func take() -> [ImportRun] {
        defer {
            runs = []
            positions = [:]
            messageCount = 0
            byteCount = 0
        }
        return runs
    }
}
