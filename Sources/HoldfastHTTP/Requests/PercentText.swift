internal import HoldfastModel

/// Percent-encoded text of a URL.
///
/// Source: RFC 3986, section 2.1.
enum PercentText {
    /// Decodes one segment of a path, in which nothing but `%` has a meaning.
    ///
    /// - Parameter text: raw bytes of the request line.
    /// - Returns: any text; `%2F`, `..`, `#` and NUL are data.
    /// - Throws: `invalid` for a `%` without two digits, and for what is not UTF-8.
    static func decode(segment text: Substring.UTF8View) throws(HoldfastError) -> String {
        guard text.contains(percent) else { return String(Substring(text)) }
        return try decoded(text, plusIsSpace: false)
    }

    /// Decodes a name or a value of a query, in which `+` is a space as well.
    ///
    /// Source: WHATWG URL, section 5.1.
    static func decode(query text: Substring.UTF8View) throws(HoldfastError) -> String {
        guard text.contains(where: { $0 == percent || $0 == plus }) else { return String(Substring(text)) }
        return try decoded(text, plusIsSpace: true)
    }

    /// Encodes every byte but the unreserved ones, so that the text is one segment or one value.
    static func encode(_ text: String) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.utf8.count)
        for byte in text.utf8 {
            if isUnreserved(byte) {
                bytes.append(byte)
            } else {
                bytes += [percent, digits[Int(byte >> 4)], digits[Int(byte & 0xF)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static let percent = UInt8(ascii: "%")
    private static let plus = UInt8(ascii: "+")
    private static let digits = Array("0123456789ABCDEF".utf8)

    private static func decoded(
        _ text: Substring.UTF8View, plusIsSpace: Bool
    ) throws(HoldfastError) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count)
        var rest = text
        while let byte = rest.popFirst() {
            switch byte {
            case percent:
                guard let high = rest.popFirst().flatMap(value), let low = rest.popFirst().flatMap(value)
                else {
                    throw HoldfastError(
                        .invalid,
                        "\"\(Substring(text).prefix(80))\" has a % that two hexadecimal digits do not follow; write %25 for %"
                    )
                }
                bytes.append(high << 4 | low)
            case plus where plusIsSpace: bytes.append(UInt8(ascii: " "))
            default: bytes.append(byte)
            }
        }
        guard let decoded = String(validating: bytes, as: UTF8.self) else {
            throw HoldfastError(
                .invalid, "\"\(Substring(text).prefix(80))\" is not UTF-8 once it is percent-decoded")
        }
        return decoded
    }

    private static func value(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            true
        default: false
        }
    }
}
