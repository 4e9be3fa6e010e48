/// A JSON value as a tree, read in the plainest way there is: what the answers of queries are held against.
///
/// Shares nothing with the code that it judges.
indirect enum PlainJSON: Hashable {
    case null
    case bool(Bool)
    /// The value times ten to the 17th: enough for the numbers that the suite makes.
    case number(Int128)
    /// Code points, half of a surrogate pair among them.
    case string([UInt32])
    case array([PlainJSON])
    case object([Member])

    struct Member: Hashable {
        let name: [UInt32]
        let value: PlainJSON
    }

    /// Reads text, or gives nothing where it is no JSON.
    init?(_ text: [UInt8]) {
        guard let string = String(validating: text, as: UTF8.self) else { return nil }
        var parser = PlainParser(scalars: Array(string.unicodeScalars.map(\.value)))
        guard let value = parser.value(), parser.isAtEnd else { return nil }
        self = value
    }

    /// The value behind some steps.
    func at(_ steps: ArraySlice<[UInt8]>) -> PlainJSON? {
        guard let step = steps.first else { return self }
        let name = String(decoding: step, as: UTF8.self)
        switch self {
        case .object(let members):
            let wanted = name.unicodeScalars.map(\.value)
            return members.last { $0.name == wanted }?.value.at(steps.dropFirst())
        case .array(let elements):
            guard let index = Int(name), String(index) == name, elements.indices.contains(index) else {
                return nil
            }
            return elements[index].at(steps.dropFirst())
        default: return nil
        }
    }

    /// The place of the kind in the order of queries.
    var rank: Int {
        switch self {
        case .null: 1
        case .bool(false): 2
        case .bool(true): 3
        case .number: 4
        case .string: 5
        case .array: 6
        case .object: 7
        }
    }

    /// The word for the kind.
    var kind: String {
        ["", "null", "boolean", "boolean", "number", "string", "array", "object"][rank]
    }
}

/// Reads JSON from code points, by recursion.
private struct PlainParser {
    let scalars: [UInt32]
    var position = 0

    init(scalars: [UInt32]) { self.scalars = scalars }

    var isAtEnd: Bool {
        var rest = self
        rest.blanks()
        return rest.position == scalars.count
    }

    private var next: Character? {
        position < scalars.count ? Unicode.Scalar(scalars[position]).map { Character($0) } : nil
    }

    private mutating func blanks() {
        while let next, " \t\n\r".unicodeScalars.contains(where: { Character($0) == next }) { position += 1 }
    }

    private mutating func take(_ character: Character) -> Bool {
        guard next == character else { return false }
        position += 1
        return true
    }

    mutating func value() -> PlainJSON? {
        blanks()
        switch next {
        case "{": return object()
        case "[": return array()
        case "\"": return string().map { .string($0) }
        case "t": return word("true", .bool(true))
        case "f": return word("false", .bool(false))
        case "n": return word("null", .null)
        default: return number()
        }
    }

    private mutating func word(_ word: String, _ value: PlainJSON) -> PlainJSON? {
        for character in word where !take(character) { return nil }
        return value
    }

    private mutating func array() -> PlainJSON? {
        position += 1
        var elements: [PlainJSON] = []
        blanks()
        if take("]") { return .array([]) }
        while let element = value() {
            elements.append(element)
            blanks()
            if take("]") { return .array(elements) }
            guard take(",") else { return nil }
        }
        return nil
    }

    private mutating func object() -> PlainJSON? {
        position += 1
        var members: [PlainJSON.Member] = []
        blanks()
        if take("}") { return .object([]) }
        while true {
            blanks()
            guard next == "\"", let name = string() else { return nil }
            blanks()
            guard take(":"), let value = value() else { return nil }
            members.append(PlainJSON.Member(name: name, value: value))
            blanks()
            if take("}") { return .object(members) }
            guard take(",") else { return nil }
        }
    }

    private mutating func string() -> [UInt32]? {
        position += 1
        var units: [UInt32] = []
        while position < scalars.count {
            let scalar = scalars[position]
            position += 1
            if scalar == 0x22 { return joined(units) }
            guard scalar >= 0x20 else { return nil }
            guard scalar == 0x5C else {
                units.append(scalar)
                continue
            }
            guard let unit = escape() else { return nil }
            units.append(unit)
        }
        return nil
    }

    private mutating func escape() -> UInt32? {
        guard let kind = next else { return nil }
        position += 1
        let simple: [Character: UInt32] = [
            "\"": 0x22, "\\": 0x5C, "/": 0x2F, "b": 8, "f": 12, "n": 10, "r": 13, "t": 9,
        ]
        if let scalar = simple[kind] { return scalar }
        guard kind == "u", position + 4 <= scalars.count else { return nil }
        let digits = scalars[position..<position + 4].compactMap { Unicode.Scalar($0).map { Character($0) } }
        position += 4
        return UInt32(String(digits), radix: 16)
    }

    /// Joins pairs of surrogates.
    private func joined(_ units: [UInt32]) -> [UInt32] {
        var points: [UInt32] = []
        for unit in units {
            if (0xDC00..<0xE000).contains(unit), let high = points.last, (0xD800..<0xDC00).contains(high) {
                points[points.count - 1] = 0x10000 + (high - 0xD800) * 0x400 + (unit - 0xDC00)
            } else {
                points.append(unit)
            }
        }
        return points
    }

    private mutating func number() -> PlainJSON? {
        let start = position
        while let next, "+-.eE0123456789".contains(next) { position += 1 }
        let text = String(scalars[start..<position].compactMap { Unicode.Scalar($0).map { Character($0) } })
        let halves = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
        guard (1...2).contains(halves.count), let power = halves.count == 2 ? Int(halves[1]) : 0 else {
            return nil
        }
        let parts = halves[0].split(separator: ".", omittingEmptySubsequences: false)
        guard (1...2).contains(parts.count), var digits = Int128(parts.joined()) else { return nil }
        if text.hasPrefix("+") || text.hasPrefix("."), !text.isEmpty { return nil }
        var scale = 17 + power - (parts.count == 2 ? parts[1].count : 0)
        while scale > 0 { (digits, scale) = (digits * 10, scale - 1) }
        while scale < 0 { (digits, scale) = (digits / 10, scale + 1) }
        return .number(digits)
    }
}
