internal import HoldfastProviderKit

/// The option `url`, taken apart; no message shows it, since it may hold a password.
struct RedisURL: Hashable, Sendable {
    /// What a URL looks like.
    static let expectation =
        "redis://user:password@host:port/database, unix:/path or sentinel://host:port,host:port/name"

    var target: RedisTarget
    var user: String?
    var password: String?
    var database: Int64?

    /// Reads a URL.
    ///
    /// - Throws: `invalid`, never with the URL.
    init(_ text: String) throws(ProviderError) {
        guard !text.utf8.contains(0) else { throw Self.refusal }
        if text.hasPrefix("rediss:") {
            throw ProviderError(
                .invalid,
                "option \"url\" begins with rediss://, and this plugin was built without TLS: use redis:// "
                    + "on a trusted network, a Unix socket, or a TLS tunnel on this machine")
        }
        if text.hasPrefix("unix:") {
            self = try Self.unix(text.dropFirst(5))
        } else {
            self = try Self.tcp(text)
        }
    }

    private init(target: RedisTarget) { self.target = target }

    private static func unix(_ rest: Substring) throws(ProviderError) -> RedisURL {
        let path = rest.hasPrefix("//") ? rest.dropFirst(2) : rest
        // The kernel's address of a socket has room for 107 bytes.
        guard path.hasPrefix("/"), path.utf8.count < 108 else {
            throw ProviderError(
                .invalid,
                "option \"url\" names no Unix socket, expected unix:/path with an absolute path "
                    + "of at most 107 bytes"
            )
        }
        return RedisURL(target: .server(.unix(path: String(path))))
    }

    private static func tcp(_ text: String) throws(ProviderError) -> RedisURL {
        let isSentinel = text.hasPrefix("sentinel://")
        guard isSentinel || text.hasPrefix("redis://") else { throw refusal }
        let rest = text.dropFirst(isSentinel ? 11 : 8)
        let slash = rest.firstIndex(of: "/") ?? rest.endIndex
        var authority = rest[..<slash]
        var path = rest[slash...].dropFirst()
        var account: Substring?
        if let at = authority.lastIndex(of: "@") {
            account = authority[..<at]
            authority = authority[authority.index(after: at)...]
        }
        guard !path.contains("@"), !path.contains("?") else { throw refusal }
        var url: RedisURL
        if isSentinel {
            let end = path.firstIndex(of: "/") ?? path.endIndex
            guard let name = decoded(path[..<end]), !name.isEmpty else {
                throw ProviderError(
                    .invalid,
                    "option \"url\" lacks the name under which the sentinels know the server, expected "
                        + "sentinel://host:port,host:port/name")
            }
            path = path[end...].dropFirst()
            let texts = authority.split(separator: ",", omittingEmptySubsequences: false)
            let sentinels = try texts.map { text throws(ProviderError) in
                try RedisEndpoint(text, defaultPort: 26379)
            }
            url = RedisURL(target: .sentinels(sentinels, name: name))
        } else {
            url = RedisURL(target: .server(try RedisEndpoint(authority, defaultPort: 6379)))
        }
        if let account { try url.take(account) }
        if !path.isEmpty {
            guard let number = Int64(path), (0...65535).contains(number) else {
                throw ProviderError(
                    .invalid, "option \"url\" has a database that is no number, expected 0 to 65535")
            }
            url.database = number
        }
        return url
    }

    private mutating func take(_ account: Substring) throws(ProviderError) {
        let colon = account.firstIndex(of: ":")
        let name = account[..<(colon ?? account.endIndex)]
        let secret = colon.map { account[account.index(after: $0)...] }
        guard let user = Self.decoded(name), let password = Self.decoded(secret ?? "") else {
            throw ProviderError(
                .invalid,
                "option \"url\" has a user or password with a % that no two hexadecimal digits "
                    + "follow, expected %25"
            )
        }
        self.user = user.isEmpty ? nil : user
        self.password = secret == nil ? nil : password
    }

    /// Text without its percent escapes, or nothing where they are broken.
    private static func decoded(_ text: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let value = UInt8(String(decoding: digits, as: UTF8.self), radix: 16),
                digits.first != UInt8(ascii: "+"), digits.first != UInt8(ascii: "-")
            else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static let refusal = ProviderError(
        .invalid,
        "option \"url\" is not understood, expected \(expectation); special characters of a password are "
            + "written as %40, %2F, %3A")
}
