internal import HoldfastSupport

extension SelectReference {
    /// Whether each term occurs in one of the strings inside a value.
    func hasWords(_ terms: [[UInt8]], in value: PlainJSON?) -> Bool {
        guard let value else { return false }
        let texts = Self.strings(in: value).map(Self.words)
        return terms.allSatisfy { term in
            let text = String(decoding: term, as: UTF8.self)
            let wanted = Self.words(text.unicodeScalars.map(\.value))
            return texts.contains { Self.has(wanted, isPrefix: text.hasSuffix("*"), in: $0) }
        }
    }

    private static func has(_ wanted: [String], isPrefix: Bool, in words: [String]) -> Bool {
        guard words.count >= wanted.count, let last = wanted.last else { return false }
        return (0...words.count - wanted.count).contains { start in
            let run = words[start..<start + wanted.count]
            guard run.dropLast().elementsEqual(wanted.dropLast(), by: Self.isSame), let end = run.last else {
                return false
            }
            let scalars = Array(end.unicodeScalars)
            return isPrefix ? scalars.starts(with: last.unicodeScalars) : isSame(end, last)
        }
    }

    /// Swift takes texts for equal that differ in their characters only as Unicode composes them.
    private static func isSame(_ left: String, _ right: String) -> Bool {
        left.unicodeScalars.elementsEqual(right.unicodeScalars)
    }

    private static func strings(in value: PlainJSON) -> [[UInt32]] {
        switch value {
        case .string(let points): [points]
        case .array(let elements): elements.flatMap(strings)
        case .object(let members): members.flatMap { strings(in: $0.value) }
        default: []
        }
    }

    /// The words of a string, each folded and with at most 128 bytes.
    private static func words(_ points: [UInt32]) -> [String] {
        var words: [String] = []
        // What the word before goes on with: nothing, letters and marks, or marks alone.
        var goesOn = ""
        for point in points {
            guard let scalar = Unicode.Scalar(point) else {
                goesOn = ""
                continue
            }
            let upper = scalar.properties.uppercaseMapping
            let folded = upper.unicodeScalars.map { $0.properties.lowercaseMapping }.joined()
            switch String(describing: scalar.properties.generalCategory) {
            case let name where name.hasSuffix("Mark"):
                if !goesOn.isEmpty { words[words.count - 1] += folded }
            case let name where name.hasSuffix("Letter") || name.hasSuffix("Number"):
                let isAlone = isAlone(scalar)
                if goesOn == "letters", !isAlone {
                    words[words.count - 1] += folded
                } else {
                    words.append(folded)
                }
                goesOn = isAlone ? "marks" : "letters"
            default: goesOn = ""
            }
        }
        return words.map(cut)
    }

    private static func isAlone(_ scalar: Unicode.Scalar) -> Bool {
        let kana: [ClosedRange<UInt32>] = [0x3040...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F]
        return kana.contains { $0.contains(scalar.value) }
            || (scalar.properties.isIdeographic && scalar.value >= 0x3000)
    }

    private static func cut(_ word: String) -> String {
        var result = ""
        for scalar in word.unicodeScalars {
            if result.utf8.count + String(scalar).utf8.count > 128 { break }
            result.unicodeScalars.append(scalar)
        }
        return result
    }
}
