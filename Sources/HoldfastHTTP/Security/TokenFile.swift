internal import Crypto
internal import Holdfast
package import HoldfastModel
internal import HoldfastSupport

/// The bearer tokens that may come in: names, what they allow, and hashes; never a token itself.
///
/// One line for each token, parts separated by blanks; `#` begins a comment:
///
/// ```
/// # name    scope  SHA-256 of the token, 64 hexadecimal digits                               tenant
/// reporting read   9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
/// acme-app  write  2c26b46b68ffc68ff99b453c1d30413413422d706483bfa0f98a5e886266e7ae  tenant=acme
/// ```
package struct TokenFile: Sendable {
    /// One token.
    package struct Entry: Sendable {
        /// What logs call it.
        package let name: String
        /// What it allows.
        package let scope: Scope
        /// The tenant that it cannot leave, or nothing.
        package let tenant: String?
        /// 32 bytes.
        let hash: [UInt8]
    }

    /// In the order of the file.
    package private(set) var entries: [Entry] = []

    /// No tokens.
    package init() {}

    /// Reads the text of a file.
    ///
    /// - Parameters:
    ///   - text: UTF-8.
    ///   - path: for messages.
    /// - Throws: `invalid` for the first line that is not right, with its number and never its hash.
    package init(parsing text: String, path: String) throws(HoldfastError) {
        // CR and LF are one character, which is no LF.
        let lines = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
        for (number, line) in lines.enumerated() {
            let parts = line.prefix { $0 != "#" }.split { $0 == " " || $0 == "\t" || $0 == "\r" }
            guard !parts.isEmpty else { continue }
            do throws(HoldfastError) {
                let entry = try Self.entry(parts)
                guard !entries.contains(where: { $0.name == entry.name }) else {
                    throw HoldfastError(.invalid, "the name \"\(entry.name)\" is there twice")
                }
                entries.append(entry)
            } catch {
                throw HoldfastError(.invalid, "\(path):\(number + 1): \(error.message)")
            }
        }
    }

    private static func entry(_ parts: [Substring]) throws(HoldfastError) -> Entry {
        guard parts.count == 3 || parts.count == 4 else {
            throw HoldfastError(
                .invalid,
                "the line has \(parts.count) parts, expected name, scope, hash and perhaps tenant=NAME")
        }
        guard let scope = Scope(rawValue: String(parts[1])) else {
            throw HoldfastError(.invalid, "the scope is \(shown(parts[1])), expected read, write or admin")
        }
        guard let hash = Self.bytes(parts[2]) else {
            throw HoldfastError(.invalid, "the hash is not 64 hexadecimal digits")
        }
        guard parts.count == 4 else {
            return Entry(name: String(parts[0]), scope: scope, tenant: nil, hash: hash)
        }
        guard parts[3].hasPrefix("tenant="), parts[3].count > 7 else {
            throw HoldfastError(.invalid, "the fourth part is \(shown(parts[3])), expected tenant=NAME")
        }
        let tenant = parts[3].dropFirst(7)
        guard HistoryStore.isTenant(String(tenant)) else {
            throw HoldfastError(
                .invalid, "the tenant is \(shown(tenant)), expected 1 to 64 letters, digits, -, _ and .")
        }
        return Entry(name: String(parts[0]), scope: scope, tenant: String(tenant), hash: hash)
    }

    /// What an error says of a part that is in the wrong place: it may be a token, which no message shows.
    private static func shown(_ part: Substring) -> String {
        part.count > 16 ? "a text of \(part.count) characters" : "\"\(part)\""
    }

    private static func bytes(_ digits: Substring) -> [UInt8]? {
        guard digits.utf8.count == 64 else { return nil }
        var bytes: [UInt8] = []
        var rest = Array(digits.utf8)[...]
        while let high = rest.popFirst(), let low = rest.popFirst() {
            guard let high = Character(UnicodeScalar(high)).hexDigitValue,
                let low = Character(UnicodeScalar(low)).hexDigitValue
            else { return nil }
            bytes.append(UInt8(high << 4 | low))
        }
        return bytes
    }

    /// Adds a token that was given as it is, such as one from the environment.
    package mutating func add(_ token: String, name: String, scope: Scope) {
        entries.append(Entry(name: name, scope: scope, tenant: nil, hash: Self.hash(of: token)))
    }

    /// The place of a token's entry; every hash is looked at to its end, whatever is found.
    func index(of token: String) -> Int? {
        let hash = Self.hash(of: token)
        var found: Int?
        for index in entries.indices where Self.isEqual(entries[index].hash, hash) { found = index }
        return found
    }

    /// Compares in a time that does not depend on where two hashes differ.
    private static func isEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for position in left.indices { difference |= left[position] ^ right[position] }
        return difference == 0
    }

    private static func hash(of token: String) -> [UInt8] { Array(SHA256.hash(data: Array(token.utf8))) }
}

extension TokenFile {
    /// A token, and the line that lets it in.
    package struct Draft: Sendable {
        /// 256 bits drawn at random, as text; shown once and kept nowhere.
        package let token: String
        /// For the file.
        package let line: String
    }

    /// Makes a token.
    ///
    /// - Parameters:
    ///   - name: without blanks and `#`.
    ///   - scope: what it allows.
    ///   - tenant: that it cannot leave, or nothing.
    /// - Returns: the token and its line.
    /// - Throws: `invalid` for a name or a tenant that a line cannot have.
    package static func draft(name: String, scope: Scope, tenant: String?) throws(HoldfastError) -> Draft {
        guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || $0 == "#" }) else {
            throw HoldfastError(
                .invalid, "the name \"\(name)\" is empty or has a blank or a #, expected a word")
        }
        let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_".utf8)
        var generator = SystemRandomNumberGenerator()
        // 43 letters of 6 bits.
        let letters = (0..<43).map { _ in alphabet[Int(generator.next() & 63)] }
        let token = "hf_\(String(decoding: letters, as: UTF8.self))"
        let digits = hash(of: token).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
        let line = "\(name) \(scope.rawValue) \(digits)" + (tenant.map { " tenant=\($0)" } ?? "")
        let parsed = try TokenFile(parsing: line, path: "token")
        guard parsed.entries.count == 1, parsed.entries[0].name == name, parsed.entries[0].tenant == tenant
        else {
            throw HoldfastError(
                .invalid, "the tenant \"\(tenant ?? "")\" has a blank or a #, expected a word")
        }
        return Draft(token: token, line: line)
    }
}
