/// Texts of queries: operands, hexadecimal digits.
package enum SelectText {
    /// Two digits for each byte, lower case.
    package static func hexadecimal(_ bytes: some Collection<UInt8>) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count * 2)
        for byte in bytes { text += [digits[Int(byte >> 4)], digits[Int(byte & 0xF)]] }
        return text
    }

    /// The bytes of hexadecimal digits, or nothing where the text is something else.
    package static func bytes(hexadecimal text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 2 == 0 else { return nil }
        var bytes: [UInt8] = []
        var half: UInt32?
        for digit in text {
            guard let value = hexDigit(digit) else { return nil }
            if let high = half {
                bytes.append(UInt8(high << 4 | value))
                half = nil
            } else {
                half = value
            }
        }
        return bytes
    }

    /// An id of 32 digits.
    static func id(hexadecimal text: [UInt8]) -> SelectID? {
        guard text.count == 32, let bytes = bytes(hexadecimal: text) else { return nil }
        func half(_ part: ArraySlice<UInt8>) -> UInt64 { part.reduce(0) { $0 << 8 | UInt64($1) } }
        return SelectID(high: half(bytes[..<8]), low: half(bytes[8...]))
    }

    /// An operand as it is written: a pointer, or a word that begins with `@`.
    package static func text(of operand: SelectOperand) -> [UInt8] {
        switch operand {
        case .key: Array("@key".utf8)
        case .id: Array("@id".utf8)
        case .version: Array("@version".utf8)
        case .time: Array("@time".utf8)
        case .changed: Array("@changed".utf8)
        case .value(let tokens):
            tokens.flatMap { token in
                [UInt8(ascii: "/")]
                    + token.flatMap { byte in
                        switch byte {
                        case UInt8(ascii: "~"): Array("~0".utf8)
                        case UInt8(ascii: "/"): Array("~1".utf8)
                        default: [byte]
                        }
                    }
            }
        }
    }

    /// Reads an operand.
    ///
    /// - Throws: for what is neither a pointer nor one of the words, and for a pointer beyond the limits.
    package static func operand(_ text: [UInt8]) throws(SelectError) -> SelectOperand {
        let readable = String(decoding: text.prefix(60), as: UTF8.self)
        switch readable {
        case "@key": return .key
        case "@id": return .id
        case "@version": return .version
        case "@time": return .time
        case "@changed": return .changed
        default: break
        }
        guard text.isEmpty || text[0] == UInt8(ascii: "/") else {
            throw SelectError(
                "\"\(readable)\" is no operand, expected a JSON pointer such as \"/role\", or @key, @id, @version, "
                    + "@time, @changed")
        }
        guard text.count <= SelectLimits.pointerByteCountMax, !text.contains(0) else {
            throw SelectError(
                "the pointer \"\(readable)\" has \(text.count) bytes or a NUL, expected at most "
                    + "\(SelectLimits.pointerByteCountMax) without")
        }
        guard let tokens = JSONPointer.tokens(of: text) else {
            throw SelectError("the pointer \"\(readable)\" has a ~ without 0 or 1 behind it")
        }
        guard tokens.count <= SelectLimits.tokenCountMax else {
            throw SelectError(
                "the pointer \"\(readable)\" has \(tokens.count) steps, expected at most \(SelectLimits.tokenCountMax)"
            )
        }
        return .value(tokens)
    }
}
