/// Finds values at several pointers in one pass over text that is known to be JSON.
///
/// Of members with one name the last counts, at every level. Names are compared unescaped.
///
/// Source: RFC 6901, section 4.
struct JSONLookup: Hashable, Sendable {
    /// The tokens of each pointer, unescaped.
    let pointers: [[[UInt8]]]

    /// Where each value stands, or nothing where there is none.
    func places(in text: borrowing Span<UInt8>, at start: Int) -> [Range<Int>?] {
        var places = [Range<Int>?](repeating: nil, count: pointers.count)
        let begin = JSONText.skipBlanks(text, from: start)
        var isDeep = false
        for index in pointers.indices {
            if pointers[index].isEmpty {
                places[index] = begin..<JSONText.end(ofValueAt: begin, in: text)
            } else {
                isDeep = true
            }
        }
        if isDeep {
            _ = walk(text, at: begin, depth: 0, pointers.indices.filter { !pointers[$0].isEmpty }, &places)
        }
        return places
    }

    /// Reads one value.
    ///
    /// - Returns: the position behind it.
    private func walk(
        _ text: borrowing Span<UInt8>, at start: Int, depth: Int, _ wanted: [Int],
        _ places: inout [Range<Int>?]
    ) -> Int {
        switch text[start] {
        case UInt8(ascii: "{"): return object(text, at: start, depth: depth, wanted, &places)
        case UInt8(ascii: "["): return array(text, at: start, depth: depth, wanted, &places)
        default: return JSONText.end(ofValueAt: start, in: text)
        }
    }

    private func object(
        _ text: borrowing Span<UInt8>, at start: Int, depth: Int, _ wanted: [Int],
        _ places: inout [Range<Int>?]
    ) -> Int {
        var position = JSONText.skipBlanks(text, from: start + 1)
        while text[position] != UInt8(ascii: "}") {
            let nameEnd = JSONText.end(ofStringAt: position, in: text)
            let name = position + 1..<nameEnd - 1
            position = JSONText.skipBlanks(text, from: JSONText.skipBlanks(text, from: nameEnd) + 1)
            var found: [Int] = []
            for index in wanted where JSONText.string(name, in: text, equals: pointers[index][depth]) {
                found.append(index)
            }
            position = value(text, at: position, depth: depth, found, &places)
            position = JSONText.skipBlanks(text, from: position)
            if text[position] == UInt8(ascii: ",") {
                position = JSONText.skipBlanks(text, from: position + 1)
            }
        }
        return position + 1
    }

    private func array(
        _ text: borrowing Span<UInt8>, at start: Int, depth: Int, _ wanted: [Int],
        _ places: inout [Range<Int>?]
    ) -> Int {
        let indexes = wanted.compactMap { index in Self.index(pointers[index][depth]).map { (index, $0) } }
        guard !indexes.isEmpty else { return JSONText.end(ofValueAt: start, in: text) }
        var position = JSONText.skipBlanks(text, from: start + 1)
        var count = 0
        while text[position] != UInt8(ascii: "]") {
            let found = indexes.filter { $0.1 == count }.map(\.0)
            position = JSONText.skipBlanks(
                text, from: value(text, at: position, depth: depth, found, &places))
            if text[position] == UInt8(ascii: ",") {
                position = JSONText.skipBlanks(text, from: position + 1)
            }
            count += 1
        }
        return position + 1
    }

    /// Reads the value of a member or an element at which some pointers arrive or go on.
    private func value(
        _ text: borrowing Span<UInt8>, at start: Int, depth: Int, _ found: [Int],
        _ places: inout [Range<Int>?]
    ) -> Int {
        if found.isEmpty { return JSONText.end(ofValueAt: start, in: text) }
        // An earlier member of this name no longer counts.
        for index in found { places[index] = nil }
        let deeper = found.filter { pointers[$0].count > depth + 1 }
        let end =
            deeper.isEmpty
            ? JSONText.end(ofValueAt: start, in: text)
            : walk(text, at: start, depth: depth + 1, deeper, &places)
        for index in found where pointers[index].count == depth + 1 { places[index] = start..<end }
        return end
    }

    /// An array index: digits without a leading zero.
    private static func index(_ token: [UInt8]) -> Int? {
        guard token.allSatisfy({ (48...57).contains($0) }), token.count == 1 || token.first != 48 else {
            return nil
        }
        return Int(String(decoding: token, as: UTF8.self))
    }

    /// The places of the elements of the array that begins here.
    static func elements(_ text: borrowing Span<UInt8>, at start: Int) -> [Range<Int>] {
        var elements: [Range<Int>] = []
        var position = JSONText.skipBlanks(text, from: start + 1)
        while text[position] != UInt8(ascii: "]") {
            let end = JSONText.end(ofValueAt: position, in: text)
            elements.append(position..<end)
            position = JSONText.skipBlanks(text, from: end)
            if text[position] == UInt8(ascii: ",") {
                position = JSONText.skipBlanks(text, from: position + 1)
            }
        }
        return elements
    }
}
