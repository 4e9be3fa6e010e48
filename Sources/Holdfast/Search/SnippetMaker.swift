internal import HoldfastModel
internal import HoldfastSupport

/// Cuts the parts of a message in which words stand.
struct SnippetMaker: Sendable {
    /// How many bytes of a string stand before the first mark, and about how many a snippet has.
    private static let leadByteCount = 40
    private static let byteCount = 200

    private let pattern: WordPattern

    init(_ pattern: WordPattern) { self.pattern = pattern }

    /// The first snippets of a message; none of what is no JSON.
    func snippets(of json: Bytes) -> [SearchSnippet] {
        guard let node = try? JSONNode(json.array) else { return [] }
        var snippets: [SearchSnippet] = []
        visit(node, "", &snippets)
        return snippets
    }

    private func visit(_ node: JSONNode, _ pointer: String, _ snippets: inout [SearchSnippet]) {
        guard snippets.count < SearchSnippet.countMax else { return }
        switch node.kind {
        case .string:
            guard let characters = node.characters, let snippet = snippet(of: characters, pointer) else {
                return
            }
            snippets.append(snippet)
        case .array:
            for (index, element) in node.elements.enumerated() {
                visit(element, "\(pointer)/\(index)", &snippets)
            }
        case .object:
            for (name, value) in node.members { visit(value, "\(pointer)/\(Self.token(name))", &snippets) }
        case .null, .boolean, .number: return
        }
    }

    private static func token(_ name: String) -> String {
        var token = ""
        for scalar in name.unicodeScalars {
            switch scalar {
            case "~": token += "~0"
            case "/": token += "~1"
            default: token.unicodeScalars.append(scalar)
            }
        }
        return token
    }

    private func snippet(of characters: [UInt8], _ pointer: String) -> SearchSnippet? {
        let places = pattern.places(in: characters)
        guard let first = places.first else { return nil }
        let begin = Self.wordStart(
            max(0, first.lowerBound - Self.leadByteCount), first.lowerBound, characters)
        let wanted = max(first.upperBound, min(characters.count, begin + Self.byteCount))
        // A mark that would be cut in two ends the snippet.
        let inside = places.prefix { $0.upperBound <= wanted }
        let end = Self.wordEnd(wanted, inside.last?.upperBound ?? begin, characters)
        var marks: [Range<Int>] = []
        var text = ""
        var position = begin
        for place in inside {
            text += String(decoding: characters[position..<place.lowerBound], as: UTF8.self)
            let start = text.unicodeScalars.count
            text += String(decoding: characters[place], as: UTF8.self)
            marks.append(start..<text.unicodeScalars.count)
            position = place.upperBound
        }
        text += String(decoding: characters[position..<end], as: UTF8.self)
        return SearchSnippet(
            pointer: pointer, text: text, isCutBefore: begin > 0, isCutBehind: end < characters.count,
            marks: marks)
    }

    /// Behind the first blank from a place on, or the first whole character.
    private static func wordStart(_ place: Int, _ limit: Int, _ text: [UInt8]) -> Int {
        guard place > 0 else { return 0 }
        if let blank = text[place..<limit].firstIndex(where: { $0 == 0x20 || $0 == 0x0A }) {
            return blank + 1
        }
        var start = place
        while start < limit, text[start] & 0xC0 == 0x80 { start += 1 }
        return start
    }

    /// Before the last blank up to a place, or behind the last whole character.
    private static func wordEnd(_ place: Int, _ limit: Int, _ text: [UInt8]) -> Int {
        guard place < text.count, place > limit else { return max(place, limit) }
        if let blank = text[limit..<place].lastIndex(where: { $0 == 0x20 || $0 == 0x0A }) { return blank }
        var end = place
        while end > limit, text[end] & 0xC0 == 0x80 { end -= 1 }
        return end
    }
}
