/// Finds passwords inside literal text.
///
/// Two forms: the user part of a URL (`scheme://user:password@host`), with or without a scheme that is right, and
/// `password=…` in a connection string or a query. In doubt it hides too much: a password may itself contain `@`, `/` and `:`.
enum PasswordMask {
    /// The members of a connection string or query that are secret, by the end of their names.
    private static let secretMembers = [
        "password", "passwd", "secret", "token", "apikey", "api_key", "access_key",
    ]

    /// Replaces each password with `***`.
    static func apply(to text: String) -> String { maskMembers(of: maskUserPart(of: text)) }

    /// Whether the name of an option says that its value is secret, for when no schema says so.
    static func isSecretName(_ name: String) -> Bool {
        let name = name.lowercased()
        return secretMembers.contains { name.hasSuffix($0) } || name.contains("credential")
    }

    private static func maskUserPart(of text: String) -> String {
        let runs = text.split(omittingEmptySubsequences: false, whereSeparator: \.isWhitespace)
        var result = ""
        for run in runs {
            result += maskRun(Array(run))
            // A separator is one character, which `split` took out.
            if run.endIndex < text.endIndex { result.append(text[run.endIndex]) }
        }
        return result
    }

    /// From the first colon, that of the scheme not counted, to the last `@`.
    private static func maskRun(_ characters: [Character]) -> String {
        guard let at = characters.lastIndex(of: "@") else { return String(characters) }
        let colon = characters[..<at].indices.first { position in
            characters[position] == ":" && !characters[(position + 1)...].starts(with: "//")
        }
        guard let colon else { return String(characters) }
        return String(characters[...colon]) + ProtectedText.mask + String(characters[at...])
    }

    private static func maskMembers(of text: String) -> String {
        let characters = Array(text)
        var result = ""
        var position = 0
        while position < characters.count {
            guard characters[position] == "=", isSecretName(memberName(before: position, in: characters))
            else {
                result.append(characters[position])
                position += 1
                continue
            }
            result += "=" + ProtectedText.mask
            position = endOfMember(from: position + 1, in: characters)
        }
        return result
    }

    private static func memberName(before equals: Int, in characters: [Character]) -> String {
        var end = equals
        while end > 0, characters[end - 1] == " " { end -= 1 }
        let head = characters[..<end]
        let start =
            head.lastIndex { !($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }.map { $0 + 1 } ?? 0
        return String(characters[start..<end])
    }

    private static func endOfMember(from start: Int, in characters: [Character]) -> Int {
        var position = start
        while position < characters.count, characters[position] == " " { position += 1 }
        guard position < characters.count else { return position }
        if characters[position] == "'" {
            position += 1
            while position < characters.count, characters[position] != "'" {
                position += characters[position] == "\\" ? 2 : 1
            }
            return min(position + 1, characters.count)
        }
        return characters[position...].firstIndex { $0 == "&" || $0.isWhitespace } ?? characters.count
    }
}
