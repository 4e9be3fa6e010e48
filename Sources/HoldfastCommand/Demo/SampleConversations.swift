import HoldfastConfiguration
import HoldfastModel

/// Conversations for trying things out: the same on every machine, made up, and varied enough to look at.
///
/// Each has instructions, questions, calls of tools with arguments and answers, in the form that most agents use, and
/// what makes bytes easy to lose: escapes, numbers with a trailing zero, other scripts, messages of some kilobytes.
struct SampleConversations: Sendable {
    private static let names = ["Ada", "Bo", "Çelik", "Dmitri", "Éva", "Fatou", "Grete", "春子"]
    private static let places = ["Northgate", "Old Town", "Harbour", "São Tomé", "Hill Street", "Łódź"]

    private var random: SplitMix
    private let scenarios = SampleScenario.all

    /// Makes conversations of a seed.
    init(seed: UInt64 = 20_261_121) { random = SplitMix(state: seed) }

    /// Lines as an export has them, conversation after conversation.
    ///
    /// - Parameter sessionCount: how many conversations.
    /// - Returns: about 25 lines for each of them.
    static func lines(sessionCount: Int = 40) -> [ConversationLine] {
        var sample = SampleConversations()
        return (0..<sessionCount).flatMap { sample.conversation(number: $0) }
    }

    private mutating func conversation(number: Int) -> [ConversationLine] {
        let scenario = scenarios[number % scenarios.count]
        var messages = [message("system", scenario.system)]
        let words = Words(
            name: pick(Self.names), place: pick(Self.places), thing: pick(scenario.things),
            number: random.below(80) + 12)
        messages.append(message("user", words.fill(pick(scenario.openings))))
        for turn in 0..<random.below(6) + 5 {
            if turn > 0 { messages.append(message("user", words.fill(pick(scenario.followUps)))) }
            if random.below(4) > 0 { messages += call(scenario.tools[turn % scenario.tools.count], words) }
            messages.append(message("assistant", words.fill(pick(scenario.answers))))
        }
        return messages.enumerated().map {
            ConversationLine(
                session: "sample/\(scenario.name)#\(number)", index: $0.offset, message: $0.element)
        }
    }

    /// The agent's call of a tool, and the tool's answer.
    private mutating func call(_ tool: SampleScenario.Tool, _ words: Words) -> [Bytes] {
        let identifier = "call_\(String(random.next(), radix: 36))"
        let function: JSONValue = [
            "name": .string(tool.name), "arguments": .string(words.fill(tool.arguments)),
        ]
        let call: JSONValue = ["id": .string(identifier), "type": "function", "function": function]
        let asking: JSONValue = ["role": "assistant", "content": .null, "tool_calls": .array([call])]
        // Some tools answer at length.
        let repeatCount = random.below(8) == 0 ? 40 : 1
        let answer = Array(repeating: words.fill(tool.result), count: repeatCount).joined(separator: "\n")
        let result: JSONValue = [
            "role": "tool", "tool_call_id": .string(identifier), "name": .string(tool.name),
            "content": .string(answer),
        ]
        return [Bytes(asking.text), Bytes(result.text)]
    }

    /// A message with its members set apart by blanks in some, and not in others, as clients differ.
    private mutating func message(_ role: String, _ content: String) -> Bytes {
        let text = JSONValue.string(content).text
        let isWide = random.below(2) == 0
        return Bytes(
            isWide
                ? #"{"role": "\#(role)", "content": \#(text)}"# : #"{"content":\#(text),"role":"\#(role)"}"#)
    }

    private mutating func pick(_ choices: [String]) -> String { choices[random.below(choices.count)] }
}

/// What fills the places of a scenario's texts.
private struct Words: Sendable {
    let name: String
    let place: String
    let thing: String
    let number: Int

    func fill(_ text: String) -> String {
        var result = ""
        var rest = text[...]
        while let start = rest.firstIndex(of: "{") {
            result += rest[..<start]
            rest = rest[start...]
            let place = ["{name}": name, "{place}": self.place, "{thing}": thing, "{number}": String(number)]
                .first { rest.hasPrefix($0.key) }
            result += place?.value ?? "{"
            rest = rest.dropFirst(place?.key.count ?? 1)
        }
        return result + rest
    }
}

/// A small generator of random numbers that is the same everywhere.
///
/// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators (2014).
private struct SplitMix: Sendable {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ state >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
}
