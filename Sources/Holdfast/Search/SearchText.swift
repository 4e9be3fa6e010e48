internal import HoldfastModel
internal import HoldfastSupport

/// What somebody types to search, taken apart.
///
/// Words must all be there. What stands in quotes must follow each other in one string, and so must the words of what
/// was written without a blank, such as `web-2`. A `*` at the end makes a word the beginning of one, a `-` in front says
/// that something must not be there. What has no letter and no digit is left out.
struct SearchText: Hashable, Sendable {
    /// The most bytes of a text.
    static let byteCountMax = 4096
    /// The most terms of a text.
    static let termCountMax = 32

    /// What must be there; a `*` at the end is part of a term.
    private(set) var wanted: [String] = []
    /// What must not be there.
    private(set) var unwanted: [String] = []

    /// Takes a text apart.
    ///
    /// - Throws: `invalid` for a text without a word that must be there, and for one that is too long.
    init(_ text: String) throws(HoldfastError) {
        guard text.utf8.count <= Self.byteCountMax else {
            throw HoldfastError(
                .invalid, "the search has \(text.utf8.count) bytes, expected at most \(Self.byteCountMax)")
        }
        var rest = text[...].drop(while: \.isWhitespace)
        while !rest.isEmpty {
            var isUnwanted = false
            if rest.first == "-" {
                isUnwanted = true
                rest = rest.dropFirst()
            }
            let term = Self.term(&rest)
            rest = rest.drop(while: \.isWhitespace)
            guard !WordScanner.words(of: Array(term.utf8)).isEmpty else { continue }
            if isUnwanted { unwanted.append(term) } else { wanted.append(term) }
        }
        guard !wanted.isEmpty else {
            throw HoldfastError(
                .invalid,
                "the search \"\(text.prefix(60))\" has no word to look for, expected letters or digits")
        }
        guard wanted.count + unwanted.count <= Self.termCountMax else {
            throw HoldfastError(
                .invalid,
                "the search has \(wanted.count + unwanted.count) terms, expected at most \(Self.termCountMax)"
            )
        }
        do throws(SelectError) {
            _ = try pattern
        } catch {
            throw HoldfastError(.invalid, "the search cannot be asked: \(error)")
        }
    }

    /// What must be there, for places in texts.
    var pattern: WordPattern {
        get throws(SelectError) { try WordPattern(wanted.map { Array($0.utf8) }) }
    }

    /// What a record must satisfy.
    var predicate: Predicate {
        let value = Operand.pointer("")
        return .all([value.hasWords(wanted)] + unwanted.map { !value.hasWords([$0]) })
    }

    /// Takes what stands up to a blank, or between quotes.
    private static func term(_ rest: inout Substring) -> String {
        guard rest.first == "\"" else {
            let term = rest.prefix { !$0.isWhitespace && $0 != "\"" }
            rest = rest[term.endIndex...]
            return String(term)
        }
        let inside = rest.dropFirst()
        let phrase = inside.prefix { $0 != "\"" }
        rest = inside[phrase.endIndex...].dropFirst()
        guard rest.first == "*" else {
            // A star inside the quotes is text like any other.
            return String(phrase) + " "
        }
        rest = rest.dropFirst()
        return String(phrase) + "*"
    }
}
