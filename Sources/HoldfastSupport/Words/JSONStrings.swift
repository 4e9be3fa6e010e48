/// Goes through the strings inside a JSON value, at any depth, in the order in which they stand; names of members are none.
///
/// Of members with one name all count: what stands in the text is what is read.
package struct JSONStrings: Sendable {
    private var position: Int
    private let end: Int

    /// Begins at the start of a value in text that is known to be JSON.
    package init(in place: Range<Int>) {
        position = place.lowerBound
        end = place.upperBound
    }

    /// Goes to the next string.
    ///
    /// - Parameter text: the whole text.
    /// - Returns: the place of what stands between its quotes, or nothing at the end.
    package mutating func next(in text: borrowing Span<UInt8>) -> Range<Int>? {
        while position < end {
            guard text[position] == UInt8(ascii: "\"") else {
                position += 1
                continue
            }
            let begin = position + 1
            position = JSONText.end(ofStringAt: position, in: text)
            let behind = JSONText.skipBlanks(text, from: position)
            if behind < end, text[behind] == UInt8(ascii: ":") { continue }
            return begin..<position - 1
        }
        return nil
    }

    /// Whether what stands between two quotes stands for itself, without an escape.
    static func isPlain(_ place: Range<Int>, in text: borrowing Span<UInt8>) -> Bool {
        for position in place where text[position] == UInt8(ascii: "\\") { return false }
        return true
    }
}
