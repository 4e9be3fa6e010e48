/// The forms that texts of `storage.yaml` must have.
enum TextForm {
    /// Whether a text has the form of a kind of key.
    static func holds(_ text: String, for kind: ConfigurationKey.Kind) -> Bool {
        switch kind {
        case .type: isType(text)
        case .name: isName(text)
        case .sha256: text.utf8.count == 64 && text.utf8.allSatisfy { isDigit($0) || isHexLetter($0) }
        case .listen: text == "off" || isListen(text)
        default: !text.isEmpty && !text.utf8.contains(0)
        }
    }

    private static func isType(_ text: String) -> Bool {
        guard let first = text.utf8.first, text.utf8.count <= 64, first != UInt8(ascii: "-") else {
            return false
        }
        return text.utf8.allSatisfy { isDigit($0) || isLowercase($0) || $0 == UInt8(ascii: "-") }
    }

    private static func isName(_ text: String) -> Bool {
        guard (1...64).contains(text.utf8.count), text.utf8.first != UInt8(ascii: ".") else { return false }
        return text.utf8.allSatisfy { byte in
            isDigit(byte) || isLowercase(byte | 0x20) && byte != UInt8(ascii: "@")
                || "-_.".utf8.contains(byte)
        }
    }

    /// `host:port`, `:port` or `[::1]:port`, loosely: the daemon resolves the host.
    private static func isListen(_ text: String) -> Bool {
        guard let colon = text.lastIndex(of: ":") else { return false }
        let port = text[text.index(after: colon)...]
        let host = text[..<colon]
        let isBracketed = host.hasPrefix("[") && host.hasSuffix("]")
        guard isBracketed || !host.contains(":"), !host.contains(where: { $0.isWhitespace || $0 == "/" })
        else {
            return false
        }
        return port.utf8.allSatisfy(isDigit) && UInt16(port) != nil
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
    private static func isLowercase(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z")
    }
    private static func isHexLetter(_ byte: UInt8) -> Bool { "abcdefABCDEF".utf8.contains(byte) }
}
