/// Some terms that all occur in the strings inside a value.
///
/// A term is a text: a word, or several that follow each other in one string. A `*` at its end makes its last word the
/// beginning of one. The words of terms are cut as those of values are, see ``WordScanner``.
package struct WordPattern: Hashable, Sendable {
    /// How many words all terms have together at most.
    package static let wordCountMax = 64

    /// One word of a term.
    package struct Word: Hashable, Sendable {
        /// Folded.
        package let bytes: [UInt8]
        /// Whether a longer word that begins so is meant as well.
        package let isPrefix: Bool

        /// Whether a word of a value is this one.
        package func matches(_ word: [UInt8]) -> Bool {
            isPrefix ? word.starts(with: bytes) : word == bytes
        }
    }

    /// The terms as they were written.
    package let terms: [[UInt8]]
    /// The words of all terms, one term behind the other.
    package let words: [Word]
    /// A bit for each word that begins a term.
    private let starts: UInt64
    /// A bit for each word that ends a term.
    private let ends: UInt64

    /// Reads terms.
    ///
    /// - Parameter terms: UTF-8; none is found in everything.
    /// - Throws: for a term without a word, and for too many words.
    package init(_ terms: [[UInt8]]) throws(SelectError) {
        var words: [Word] = []
        var starts: UInt64 = 0
        var ends: UInt64 = 0
        for term in terms {
            let own = WordScanner.words(of: term)
            guard !own.isEmpty else {
                let readable = String(decoding: term.prefix(60), as: UTF8.self)
                throw SelectError("\"\(readable)\" has no word, expected letters or digits")
            }
            guard words.count + own.count <= Self.wordCountMax else {
                throw SelectError("there are too many words, expected at most \(Self.wordCountMax)")
            }
            starts |= 1 << UInt64(words.count)
            for (index, bytes) in own.enumerated() {
                let isPrefix = index == own.count - 1 && term.last == UInt8(ascii: "*")
                words.append(Word(bytes: bytes, isPrefix: isPrefix))
            }
            ends |= 1 << UInt64(words.count - 1)
        }
        (self.terms, self.words, self.starts, self.ends) = (terms, words, starts, ends)
    }

    /// Whether each term occurs in one of the strings inside a value.
    ///
    /// - Parameters:
    ///   - place: of the value.
    ///   - text: known to be JSON.
    /// - Returns: true where there is no term.
    func isFound(at place: Range<Int>, in text: borrowing Span<UInt8>) -> Bool {
        var missing = ends
        var strings = JSONStrings(in: place)
        while missing != 0, let string = strings.next(in: text) {
            if JSONStrings.isPlain(string, in: text) {
                look(in: text, string, &missing)
            } else {
                let characters = JSONText.characters(string, in: text)
                look(in: characters.span, 0..<characters.count, &missing)
            }
        }
        return missing == 0
    }

    /// Looks for terms in one string: bit n of the state says that the words of its term up to n were the last read.
    ///
    /// Source: Baeza-Yates and Gonnet, "A new approach to text searching", 1992 (shift-and).
    private func look(in text: borrowing Span<UInt8>, _ part: Range<Int>, _ missing: inout UInt64) {
        var state: UInt64 = 0
        var scanner = WordScanner(part)
        while missing != 0, scanner.next(in: text) {
            state = (state << 1 | starts) & mask(of: scanner.word)
            missing &= ~state
        }
    }

    private func mask(of word: [UInt8]) -> UInt64 {
        var mask: UInt64 = 0
        for index in words.indices where words[index].matches(word) { mask |= 1 << UInt64(index) }
        return mask
    }

    /// Where the words of terms stand in a text, each term whole.
    ///
    /// - Parameter text: UTF-8.
    /// - Returns: places in bytes, rising, none inside another; a term of several words has one.
    package func places(in text: [UInt8]) -> [Range<Int>] {
        var places: [Range<Int>] = []
        var read: [Range<Int>] = []
        var state: UInt64 = 0
        var scanner = WordScanner(0..<text.count)
        while scanner.next(in: text.span) {
            read.append(scanner.place)
            state = (state << 1 | starts) & mask(of: scanner.word)
            guard let length = longestTerm(endingIn: state) else { continue }
            var begin = read[read.count - length].lowerBound
            // What overlaps becomes one place.
            while let last = places.last, last.upperBound > begin {
                begin = min(begin, last.lowerBound)
                places.removeLast()
            }
            places.append(begin..<scanner.place.upperBound)
        }
        return places
    }

    private func longestTerm(endingIn state: UInt64) -> Int? {
        var longest: Int?
        for index in words.indices where state & ends & 1 << UInt64(index) != 0 {
            var first = index
            while starts & 1 << UInt64(first) == 0 { first -= 1 }
            longest = max(longest ?? 0, index - first + 1)
        }
        return longest
    }
}

/// The words of a value, for an index.
package enum IndexedWords {
    /// The words of all strings inside a value, each once, in the order of their bytes.
    ///
    /// - Parameter text: anything; what is no JSON has no words.
    /// - Returns: folded words.
    package static func words(of text: Span<UInt8>) -> [[UInt8]] {
        guard (try? JSONSyntax.check(text)) != nil else { return [] }
        var words: Set<[UInt8]> = []
        var strings = JSONStrings(in: 0..<text.count)
        while let string = strings.next(in: text) {
            let characters = JSONText.characters(string, in: text)
            var scanner = WordScanner(0..<characters.count)
            while scanner.next(in: characters.span) { words.insert(scanner.word) }
        }
        return words.sorted { $0.lexicographicallyPrecedes($1) }
    }
}
