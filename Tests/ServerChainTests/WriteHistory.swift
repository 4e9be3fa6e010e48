import Holdfast
import HoldfastModel

/// What writers were told of one list, and what readers have seen of it: what every later answer must agree with.
struct WriteHistory: Sendable {
    /// Told that it is stored.
    private(set) var acknowledged: [String: Set<Int>] = [:]
    /// Told that it is not, and never tried again.
    private(set) var rejected: Set<MessageText> = []
    /// The longest answer so far: nothing is ever put before what somebody has read.
    private(set) var seen: [MessageText] = []

    var acknowledgedCount: Int { acknowledged.values.reduce(0) { $0 + $1.count } }

    mutating func acknowledge(_ message: MessageText) {
        acknowledged[message.writer, default: []].insert(message.number)
    }

    mutating func reject(_ message: MessageText) { rejected.insert(message) }

    /// Takes note of an answer to a question that was asked after this history was looked at.
    mutating func see(_ messages: [MessageText]) { if messages.count > seen.count { seen = messages } }

    /// What is wrong with an answer, as sentences; none when it agrees with everything known when it was asked for.
    func faults(in messages: [MessageText]) -> [String] {
        var faults: [String] = []
        var last: [String: Int] = [:]
        var present: [String: Set<Int>] = [:]
        for message in messages {
            if let before = last[message.writer], before >= message.number {
                let isDoubled = present[message.writer]?.contains(message.number) == true
                faults.append("\(message) \(isDoubled ? "is doubled" : "comes after \(before)")")
            }
            last[message.writer] = message.number
            present[message.writer, default: []].insert(message.number)
            if rejected.contains(message) { faults.append("\(message) was rejected, and is there") }
        }
        for (writer, numbers) in acknowledged {
            let lost = numbers.subtracting(present[writer] ?? [])
            if !lost.isEmpty {
                faults.append("\(writer): lost are \(lost.sorted().prefix(5)), \(lost.count) in all")
            }
        }
        if !messages.starts(with: seen) {
            let place = zip(messages, seen).enumerated().first { $0.element.0 != $0.element.1 }
            faults.append(
                place.map { "at \($0.offset) is \($0.element.0), where \($0.element.1) was read before" }
                    ?? "\(messages.count) messages, where \(seen.count) were read before")
        }
        return faults
    }
}
