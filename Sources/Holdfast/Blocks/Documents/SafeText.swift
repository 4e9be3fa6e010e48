internal import HoldfastSupport

/// Text of strangers, put where it can do no harm.
enum SafeText {
    /// Text for the body of an HTML page, or an attribute in double quotes: nothing in it is markup.
    static func html(_ text: String) -> String {
        var safe = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": safe += "&amp;"
            case "<": safe += "&lt;"
            case ">": safe += "&gt;"
            case "\"": safe += "&quot;"
            case "'": safe += "&#39;"
            // No character of HTML: shown as what it is.
            case "\u{0}"..."\u{8}", "\u{b}"..."\u{c}", "\u{e}"..."\u{1f}", "\u{7f}":
                safe.unicodeScalars.append(UnicodeScalar(0x2400 + min(scalar.value, 0x21)) ?? "\u{fffd}")
            default: safe.unicodeScalars.append(scalar)
            }
        }
        return safe
    }

    /// The name of a file: of letters, digits, `-`, `_` and `.`, not hidden, at most 80 bytes, never a path.
    ///
    /// Names that differ may become one; ``distinctFileName(_:)`` keeps them apart.
    static func fileName(_ text: String) -> String {
        let isSafe: (UInt8) -> Bool = { byte in
            switch byte {
            case 48...57, 65...90, 97...122, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."): true
            default: false
            }
        }
        let bytes = text.utf8.map { isSafe($0) ? $0 : UInt8(ascii: "_") }
        let name = bytes.drop { $0 == UInt8(ascii: ".") }.prefix(80)
        return name.isEmpty ? "unnamed" : String(decoding: name, as: UTF8.self)
    }

    /// The name of a file that no other text has, but for one chance in four thousand million.
    static func distinctFileName(_ text: String) -> String {
        let checksum = String(CRC32C.checksum(Array(text.utf8)), radix: 16)
        return fileName(text) + "-" + String(repeating: "0", count: 8 - checksum.count) + checksum
    }

    /// A cell of a table in CSV: quoted where it must be, and never a formula.
    ///
    /// A spreadsheet takes a text that begins with `=`, `+`, `-` or `@` for one; such a text gets an apostrophe.
    ///
    /// Source: RFC 4180, section 2.
    static func csv(_ text: String) -> String {
        let isFormula = text.unicodeScalars.first.map { "=+-@\t\r".unicodeScalars.contains($0) } ?? false
        let shown = isFormula ? "'" + text : text
        guard shown.unicodeScalars.contains(where: { "\",\r\n".unicodeScalars.contains($0) }) else {
            return shown
        }
        var quoted = "\""
        // By scalars: a quote with an accent on it is another character, and ends a cell all the same.
        for scalar in shown.unicodeScalars {
            if scalar == "\"" { quoted.unicodeScalars.append(scalar) }
            quoted.unicodeScalars.append(scalar)
        }
        quoted.unicodeScalars.append("\"")
        return quoted
    }
}
