/// Cuts text into words, the same everywhere: no language, no setting of the machine decides.
///
/// A word is the longest run of letters and numbers (Unicode's general categories L and N) and of the marks (M) behind
/// them. A Chinese character, and a letter of Hiragana or Katakana, is a word by itself, since nothing stands between the
/// words of that writing. Each character is folded: taken to upper case and then to lower case, by the mappings of
/// Unicode for single characters. Nothing is normalised and no ending is cut off. A word counts up to its first 128 bytes,
/// ended at a whole character.
///
/// Source: Unicode Standard Annex 44, properties General_Category, Uppercase_Mapping, Lowercase_Mapping, Ideographic.
package struct WordScanner: Sendable {
    /// How many bytes of a word count, folded.
    package static let byteCountMax = 128
    private static let shortest = 16

    private var position: Int
    private let end: Int
    private var isFull = false
    /// The folded bytes of the word that was found last.
    package private(set) var word: [UInt8] = []
    /// Where the word that was found last stands in the text, in bytes.
    package private(set) var place = 0..<0

    /// Begins at the start of a part of a text.
    package init(_ part: Range<Int>) {
        position = part.lowerBound
        end = part.upperBound
        word.reserveCapacity(Self.shortest)
    }

    /// Goes to the next word.
    ///
    /// - Parameter text: UTF-8; what is none, such as half of a surrogate pair, stands between words.
    /// - Returns: whether there is one.
    package mutating func next(in text: borrowing Span<UInt8>) -> Bool {
        word.removeAll(keepingCapacity: true)
        isFull = false
        var start = position
        var standsAlone = false
        while position < end {
            let first = text[position]
            if first < 0x80 {
                guard let folded = Self.folded(first) else {
                    if !word.isEmpty { break }
                    position += 1
                    continue
                }
                if standsAlone { break }
                if word.isEmpty { start = position }
                append(folded)
                position += 1
                continue
            }
            let (scalar, size) = Self.scalar(at: position, before: end, in: text)
            switch scalar.map(Self.kind) ?? .gap {
            case .gap:
                if !word.isEmpty { return found(start) }
            case .mark:
                if !word.isEmpty, let scalar { append(Self.folded(scalar)) }
            case .letter:
                if standsAlone { return found(start) }
                if word.isEmpty { start = position }
                if let scalar { append(Self.folded(scalar)) }
            case .character:
                if !word.isEmpty { return found(start) }
                start = position
                standsAlone = true
                if let scalar { append(Self.folded(scalar)) }
            }
            position += size
        }
        return word.isEmpty ? false : found(start)
    }

    private mutating func found(_ start: Int) -> Bool {
        place = start..<position
        return true
    }

    /// Most of what is read is one byte long, and an array for each would take longer than all the rest.
    private mutating func append(_ byte: UInt8) {
        isFull = isFull || word.count == Self.byteCountMax
        if !isFull { word.append(byte) }
    }

    private mutating func append(_ bytes: [UInt8]) {
        isFull = isFull || word.count + bytes.count > Self.byteCountMax
        if !isFull { word += bytes }
    }

    // MARK: - Characters

    private enum Kind {
        case gap, mark, letter
        /// A word by itself.
        case character
    }

    private static func folded(_ ascii: UInt8) -> UInt8? {
        switch ascii {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): ascii
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): ascii | 0x20
        default: nil
        }
    }

    private static func folded(_ scalar: Unicode.Scalar) -> [UInt8] {
        let properties = scalar.properties
        guard properties.changesWhenCaseMapped else { return Array(String(scalar).utf8) }
        let lower = properties.uppercaseMapping.unicodeScalars.map(\.properties.lowercaseMapping)
        return Array(lower.joined().utf8)
    }

    private static func kind(_ scalar: Unicode.Scalar) -> Kind {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .enclosingMark: return .mark
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter,
            .decimalNumber, .letterNumber, .otherNumber:
            return isAlone(scalar) ? .character : .letter
        default: return .gap
        }
    }

    private static func isAlone(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0..<0x3000: false
        // Hiragana and Katakana, their phonetic extensions, and the narrow ones.
        case 0x3040...0x30FF, 0x31F0...0x31FF, 0xFF66...0xFF9F: true
        default: scalar.properties.isIdeographic
        }
    }

    /// The character that begins here and how many bytes it has; nothing and 1 where none does.
    private static func scalar(
        at position: Int, before end: Int, in text: borrowing Span<UInt8>
    ) -> (Unicode.Scalar?, Int) {
        let first = UInt32(text[position])
        let size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2
        guard first >= 0xC2, position + size <= end else { return (nil, 1) }
        var code = first & (0x7F >> UInt32(size))
        for offset in 1..<size {
            let byte = UInt32(text[position + offset])
            guard byte & 0xC0 == 0x80 else { return (nil, 1) }
            code = code << 6 | byte & 0x3F
        }
        return Unicode.Scalar(code).map { ($0, size) } ?? (nil, size)
    }
}

extension WordScanner {
    /// The words of a text, in the order in which they stand.
    package static func words(of text: [UInt8]) -> [[UInt8]] {
        var scanner = WordScanner(0..<text.count)
        var words: [[UInt8]] = []
        while scanner.next(in: text.span) { words.append(scanner.word) }
        return words
    }
}
