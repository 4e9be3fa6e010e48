/// Texts of the server, and text for it.
enum PostgresText {
    // The letters of `PG_DIAG_…`, which are macros of character constants.
    static let severityField = Int32(UInt8(ascii: "V"))
    static let sqlStateField = Int32(UInt8(ascii: "C"))
    static let primaryField = Int32(UInt8(ascii: "M"))

    /// The lines of a message as one sentence.
    static func sentence(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }

    /// A text in which every occurrence of a secret is hidden.
    static func text(_ text: String, hiding secret: String) -> String {
        guard !secret.isEmpty else { return text }
        let bytes = Array(text.utf8)
        let hidden = Array(secret.utf8)
        var result: [UInt8] = []
        var position = 0
        while position < bytes.count {
            if bytes[position...].starts(with: hidden) {
                result += Array("***".utf8)
                position += hidden.count
            } else {
                result.append(bytes[position])
                position += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    /// What stands between the quotes of a literal.
    static func quoted(_ text: String) -> String {
        text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "''")
    }

    /// A name of SQL.
    static func name(_ name: String) -> String {
        let parts = name.split(separator: "\"", omittingEmptySubsequences: false)
        return "\"\(parts.joined(separator: "\"\""))\""
    }
}
