internal import HoldfastModel

/// The bytes of a YAML file once they are known to be UTF-8 of a bearable size, without a byte order mark.
struct YAMLText {
    let bytes: [UInt8]

    /// Checks the bytes of a file.
    ///
    /// - Throws: `invalid` at the first byte that is wrong.
    init(_ bytes: [UInt8], file: String) throws(HoldfastError) {
        let start = FileLocation(file: file, line: 1, column: 1)
        guard bytes.count <= YAMLComposer.byteCountMax else {
            throw HoldfastError(
                .invalid,
                "the file has \(bytes.count) bytes, expected at most \(YAMLComposer.byteCountMax)",
                at: start)
        }
        guard !bytes.starts(with: [0xFF, 0xFE]), !bytes.starts(with: [0xFE, 0xFF]) else {
            throw HoldfastError(.invalid, "the file is UTF-16, expected UTF-8", at: start)
        }
        let text = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes
        self.bytes = text
        guard String(validating: text, as: UTF8.self) != nil else {
            let valid = Self.validPrefixByteCount(of: text)
            let mark = Self.mark(at: valid, in: text)
            throw HoldfastError(
                .invalid,
                "the byte 0x\(String(text[valid], radix: 16)) is not UTF-8, expected the file in UTF-8",
                at: FileLocation(file: file, line: mark.line, column: mark.column))
        }
        var mark = YAMLMark.start
        for scalar in String(decoding: text, as: UTF8.self).unicodeScalars {
            guard Self.isAllowed(scalar) else {
                throw HoldfastError(
                    .invalid,
                    "the control character U+\(Self.hexadecimal(scalar)) is not allowed, expected text without",
                    at: FileLocation(file: file, line: mark.line, column: mark.column))
            }
            mark = scalar == "\n" ? YAMLMark(line: mark.line + 1, column: 1) : mark.next
        }
    }

    /// What libyaml reads; it does not say where it meets anything else.
    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x09, 0x0A, 0x0D, 0x20...0x7E, 0x85, 0xA0...0xFEFE, 0xFF00...0xFFFD, 0x10000...: true
        default: false
        }
    }

    private static func hexadecimal(_ scalar: Unicode.Scalar) -> String {
        let digits = String(scalar.value, radix: 16, uppercase: true)
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }

    /// The character at a mark, if there is one.
    func character(at mark: YAMLMark) -> Character? {
        let line = line(mark.line)
        guard mark.column >= 1, mark.column <= line.count else { return nil }
        return Character(line[mark.column - 1])
    }

    /// The scalars of a line, from 1, without its end.
    func line(_ number: Int) -> [Unicode.Scalar] {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        guard number >= 1, number <= lines.count else { return [] }
        return Array(String(decoding: lines[number - 1], as: UTF8.self).unicodeScalars)
    }

    private static func validPrefixByteCount(of bytes: [UInt8]) -> Int {
        var decoder = Unicode.UTF8.ForwardParser()
        var iterator = bytes.makeIterator()
        var count = 0
        while case .valid(let scalar) = decoder.parseScalar(from: &iterator) { count += scalar.count }
        return count
    }

    private static func mark(at offset: Int, in bytes: [UInt8]) -> YAMLMark {
        let head = String(decoding: bytes[..<offset], as: UTF8.self)
        let lines = head.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
        return YAMLMark(line: lines.count, column: (lines.last?.count ?? 0) + 1)
    }
}
