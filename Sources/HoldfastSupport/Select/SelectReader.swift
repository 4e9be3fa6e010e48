/// Reads values out of the JSON text of a query, which was checked as a whole.
struct SelectReader {
    let text: [UInt8]

    /// Checks text.
    ///
    /// - Throws: for what is too large or no JSON.
    init(_ text: [UInt8]) throws(SelectError) {
        guard text.count <= SelectLimits.byteCountMax else {
            throw SelectError(
                "the query has \(text.count) bytes, expected at most \(SelectLimits.byteCountMax)")
        }
        do {
            try JSONSyntax.check(text.span)
        } catch {
            throw SelectError("the query is not JSON: \(error)")
        }
        self.text = text
    }

    /// The whole text.
    var root: Range<Int> {
        let start = JSONText.skipBlanks(text.span, from: 0)
        return start..<JSONText.end(ofValueAt: start, in: text.span)
    }

    /// The members of an object, the last of each name.
    func members(_ place: Range<Int>, _ noun: String) throws(SelectError) -> [String: Range<Int>] {
        guard text[place.lowerBound] == UInt8(ascii: "{") else { throw wrong(place, noun, "an object") }
        var members: [String: Range<Int>] = [:]
        JSONText.members(ofObjectAt: place.lowerBound, in: text.span) { name, value in
            let name = JSONText.characters(name, in: text.span)
            members[String(decoding: name, as: UTF8.self)] = value
        }
        return members
    }

    /// The elements of an array.
    func elements(_ place: Range<Int>, _ noun: String, atMost maximum: Int) throws(SelectError) -> [Range<
        Int
    >] {
        guard text[place.lowerBound] == UInt8(ascii: "[") else { throw wrong(place, noun, "an array") }
        let elements = JSONLookup.elements(text.span, at: place.lowerBound)
        guard elements.count <= maximum else {
            throw SelectError("\(noun) has \(elements.count) elements, expected at most \(maximum)")
        }
        return elements
    }

    /// The two elements of an array.
    func pair(_ place: Range<Int>, _ noun: String) throws(SelectError) -> (Range<Int>, Range<Int>) {
        let parts = try elements(place, noun, atMost: 2)
        guard parts.count == 2 else { throw wrong(place, noun, "an array of two") }
        return (parts[0], parts[1])
    }

    /// The characters of a string.
    func string(_ place: Range<Int>, _ noun: String) throws(SelectError) -> [UInt8] {
        guard text[place.lowerBound] == UInt8(ascii: "\"") else { throw wrong(place, noun, "a string") }
        return JSONText.characters(place.lowerBound + 1..<place.upperBound - 1, in: text.span)
    }

    /// A string of which there are a few.
    func word(_ place: Range<Int>, _ noun: String) throws(SelectError) -> String {
        String(decoding: try string(place, noun), as: UTF8.self)
    }

    /// A whole number up to a maximum.
    func integer(_ place: Range<Int>, _ noun: String, atMost maximum: Int) throws(SelectError) -> Int {
        let digits = String(decoding: text[place], as: UTF8.self)
        guard let number = Int(digits), (0...maximum).contains(number) else {
            throw wrong(place, noun, "0 to \(maximum)")
        }
        return number
    }

    /// True or false.
    func flag(_ place: Range<Int>, _ noun: String) throws(SelectError) -> Bool {
        switch text[place.lowerBound] {
        case UInt8(ascii: "t"): return true
        case UInt8(ascii: "f"): return false
        default: throw wrong(place, noun, "true or false")
        }
    }

    /// An operand.
    func operand(_ place: Range<Int>, _ noun: String) throws(SelectError) -> SelectOperand {
        try SelectText.operand(try string(place, noun))
    }

    /// A scalar.
    func scalar(_ place: Range<Int>, _ noun: String) throws(SelectError) -> SelectScalar {
        guard place.count <= SelectLimits.scalarByteCountMax else {
            throw SelectError(
                "\(noun) has \(place.count) bytes, expected at most \(SelectLimits.scalarByteCountMax)")
        }
        guard let scalar = SelectScalar(json: Array(text[place])) else {
            throw wrong(place, noun, "a scalar")
        }
        return scalar
    }

    /// What is wrong with the value at a place.
    func wrong(_ place: Range<Int>, _ noun: String, _ expected: String) -> SelectError {
        let readable = String(decoding: text[place].prefix(60), as: UTF8.self)
        return SelectError("\(noun) is \(readable), expected \(expected)")
    }
}
