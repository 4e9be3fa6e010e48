internal import HoldfastProviderKit

/// Looks whether SQLite's JSON functions find a member where the host finds it.
///
/// SQLite compares the names of members as they are written and takes the first of two with one name; the
/// host takes names unescaped and the last. It also reads half of a surrogate pair in another way. Values in
/// which any of that matters are rare: they are marked, and an index files them apart.
///
/// Source: sqlite.org/json1.html; `jsonLookupStep` of SQLite 3.40.
struct SQLiteFieldScan {
    private let fields: [[UInt8]]
    private var counts: [Int]

    /// Looks for these members.
    init(fields: [String]) {
        self.fields = fields.map { Array($0.utf8) }
        counts = Array(repeating: 0, count: fields.count)
    }

    /// Whether a value must be filed apart; what is not a JSON object never.
    mutating func isIrregular(_ value: UnsafeRawBufferPointer) -> Bool {
        for index in counts.indices { counts[index] = 0 }
        var position = 0
        var depth = 0
        var isName = false
        while position < value.count {
            switch unsafe value[position] {
            case UInt8(ascii: "\""):
                let text = unsafe string(in: value, from: position + 1)
                if text.hasHalfPair { return true }
                if depth == 1, isName {
                    if text.hasEscape { return true }
                    if unsafe countsTwice(UnsafeRawBufferPointer(rebasing: value[position + 1..<text.end])) {
                        return true
                    }
                }
                position = text.end
            case UInt8(ascii: "{"):
                depth += 1
                isName = depth == 1
            case UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ","): if depth == 1 { isName = true }
            case UInt8(ascii: ":"): if depth == 1 { isName = false }
            default: break
            }
            position += 1
        }
        return false
    }

    private mutating func countsTwice(_ name: UnsafeRawBufferPointer) -> Bool {
        for index in fields.indices where unsafe name.elementsEqual(fields[index]) {
            counts[index] += 1
            return counts[index] > 1
        }
        return false
    }

    /// Goes to the closing quote of a string, or to the end of the text.
    private func string(
        in value: UnsafeRawBufferPointer, from start: Int
    ) -> (end: Int, hasEscape: Bool, hasHalfPair: Bool) {
        var position = start
        var hasEscape = false
        var hasHalfPair = false
        while position < value.count {
            let byte = unsafe value[position]
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") {
                hasEscape = true
                if unsafe isSurrogate(in: value, at: position) {
                    if unsafe isPair(in: value, at: position) { position += 6 } else { hasHalfPair = true }
                }
                position += 1
            }
            position += 1
        }
        return (min(position, value.count), hasEscape, hasHalfPair)
    }

    /// Whether `\uD8…` to `\uDF…` begins here.
    private func isSurrogate(in value: UnsafeRawBufferPointer, at position: Int) -> Bool {
        guard position + 6 <= value.count, unsafe value[position] == UInt8(ascii: "\\") else { return false }
        guard unsafe value[position + 1] == UInt8(ascii: "u") else { return false }
        guard unsafe value[position + 2] | 0x20 == UInt8(ascii: "d") else { return false }
        return unsafe value[position + 3] >= UInt8(ascii: "8")
    }

    /// Whether a high surrogate begins here that a low one follows.
    private func isPair(in value: UnsafeRawBufferPointer, at position: Int) -> Bool {
        guard unsafe isSurrogate(in: value, at: position), unsafe isSurrogate(in: value, at: position + 6)
        else {
            return false
        }
        func isHigh(_ digit: UInt8) -> Bool { "89abAB".utf8.contains(digit) }
        return unsafe isHigh(value[position + 3]) && !isHigh(value[position + 9])
    }
}
