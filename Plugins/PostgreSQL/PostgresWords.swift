internal import HoldfastProviderKit
internal import HoldfastSupport

/// The words of records as lexemes of a `tsvector`, and queries for them.
///
/// PostgreSQL's own parsers and dictionaries cut texts as a language does; here the words are those of the host, and
/// what an index of them finds are candidates that the host's own comparison decides. A lexeme has letters, digits and
/// `_` only, whatever the encoding of the database: `a` to `z` and digits stand for themselves, any other byte is `_`
/// and two digits, so the beginning of a word is the beginning of its lexeme. `_k` and 16 digits stand for the key, `_all`
/// for a value with more words than a `tsvector` takes.
enum PostgresWords {
    /// What stands for the words of all strings in a list of declared fields.
    static let declaration = "@words"
    /// A `tsvector` holds 1 MiB.
    private static let byteCountMax = 512 << 10
    /// How many words of a query are looked up; the others are left to the comparison.
    private static let wordCountMax = 32
    private static let everything = "_all"

    /// The lexemes of a record, a blank between two.
    static func lexemes(key: [UInt8], _ value: BorrowedBytes, _ flags: RecordFlags) -> [UInt8] {
        if flags.contains(.removed) { return [] }
        var text = Array(keyLexeme(key).utf8)
        if flags.contains(.bytes) { return text }
        let words = unsafe value.withUnsafeBytes { bytes in
            unsafe IndexedWords.words(of: bytes.assumingMemoryBound(to: UInt8.self).span)
        }
        for word in words {
            text.append(UInt8(ascii: " "))
            text += lexeme(word)
            guard text.count <= byteCountMax else { return Array("\(keyLexeme(key)) \(everything)".utf8) }
        }
        return text
    }

    /// SQL that makes a `tsvector` of lexemes, or NULL where there are none.
    static func vector(_ lexemes: String) -> String {
        "CASE WHEN length(\(lexemes)) > 0 THEN "
            + "array_to_tsvector(string_to_array(convert_from(\(lexemes), 'UTF8'), ' ')) END"
    }

    /// The condition on candidates of a query; nothing where an index of words says nothing.
    static func condition(_ select: Select) -> String? {
        let words = select.neededWords.prefix(wordCountMax)
        guard !words.isEmpty else { return nil }
        func quoted(_ lexeme: String) -> String { "''\(lexeme)''" }
        let parts = words.map { word in
            quoted(String(decoding: lexeme(word.bytes), as: UTF8.self)) + (word.isPrefix ? ":*" : "")
        }
        var question = "(\(parts.joined(separator: " & ")) | \(quoted(everything)))"
        if let key = select.key { question = "\(quoted(keyLexeme(key))) & \(question)" }
        return "words IS NOT NULL AND words @@ '\(question)'::tsquery"
    }

    private static func lexeme(_ word: [UInt8]) -> [UInt8] {
        var lexeme: [UInt8] = []
        for byte in word {
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"):
                lexeme.append(byte)
            default: lexeme += [UInt8(ascii: "_")] + SelectText.hexadecimal([byte])
            }
        }
        return lexeme
    }

    private static func keyLexeme(_ key: [UInt8]) -> String {
        let digests = [CRC32C.checksum(key), CRC32C.checksum(key + [0xFF])]
        let bytes = digests.flatMap { digest in (0..<4).map { UInt8(truncatingIfNeeded: digest >> (8 * $0)) }
        }
        return "_k" + String(decoding: SelectText.hexadecimal(bytes), as: UTF8.self)
    }
}
