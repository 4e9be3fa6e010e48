internal import HoldfastProviderKit

/// Where a server listens.
enum RedisEndpoint: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address, and a port.
    case tcp(host: String, port: UInt16)
    /// The path of a Unix socket.
    case unix(path: String)

    /// For messages; there is no secret in it.
    var description: String {
        switch self {
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        case .unix(let path): path
        }
    }

    /// Reads `host`, `host:port` or `[address]:port`.
    ///
    /// - Throws: `invalid`, without the text: it is part of a URL that may hold a password.
    init(_ text: Substring, defaultPort: UInt16) throws(ProviderError) {
        var host = text
        var port = defaultPort
        let colon = text.lastIndex(of: ":")
        if let colon, !text[..<colon].contains(":") || text[..<colon].hasSuffix("]") {
            guard let number = UInt16(text[text.index(after: colon)...]), number > 0 else {
                throw ProviderError(
                    .invalid, "option \"url\" has a port that is none, expected host:port with 1 to 65535")
            }
            port = number
            host = text[..<colon]
        }
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        let isPlain = host.utf8.allSatisfy { $0 > 0x20 && $0 != 0x7F }
        guard !host.isEmpty, isPlain, !host.contains("@"), !host.contains("/") else {
            throw ProviderError(
                .invalid,
                "option \"url\" has no host that can be one, expected \(RedisURL.expectation); "
                    + "special characters of a password are written as %40, %2F, %3A")
        }
        self = .tcp(host: String(host), port: port)
    }
}

/// How the server is found.
enum RedisTarget: Hashable, Sendable {
    /// One server.
    case server(RedisEndpoint)
    /// Whatever server the sentinels name.
    case sentinels([RedisEndpoint], name: String)
}
