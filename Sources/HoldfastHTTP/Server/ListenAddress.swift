package import HoldfastModel

/// Where a daemon listens.
package enum ListenAddress: Hashable, Sendable, CustomStringConvertible {
    /// A name or an address, and a port; port 0 lets the system choose one.
    case tcp(host: String, port: Int)
    /// The path of a Unix socket; who may connect is decided by the file's mode.
    case unix(path: String)

    /// Reads `127.0.0.1:7474`, `[::1]:7474`, or `unix:/run/holdfast.sock`.
    ///
    /// - Throws: `invalid` for anything else.
    package init(_ text: String) throws(HoldfastError) {
        if text.hasPrefix("unix:") {
            let path = String(text.dropFirst(5))
            // The address of a socket has room for no more.
            guard !path.isEmpty, path.utf8.count <= 107 else {
                throw HoldfastError(
                    .invalid, "the socket path \"\(path)\" has \(path.utf8.count) bytes, expected 1 to 107")
            }
            self = .unix(path: path)
            return
        }
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...])
        else {
            throw HoldfastError(
                .invalid, "\"\(text)\" is no address to listen on, expected address:port or unix:/path")
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") { host = host.dropFirst().dropLast() }
        // No host is every address of this machine.
        self = .tcp(host: host.isEmpty ? "0.0.0.0" : String(host), port: Int(port))
    }

    /// Whether only programs of this machine reach it.
    package var isLocal: Bool {
        switch self {
        case .unix: true
        case .tcp(let host, _): host == "localhost" || host == "::1" || Self.isLoopback(host)
        }
    }

    /// 127.0.0.0/8, with its four numbers written out.
    private static func isLoopback(_ host: String) -> Bool {
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    /// The same text as it is read.
    package var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
        }
    }

    /// What a client puts in front of a path.
    package func url(isEncrypted: Bool) -> String {
        switch self {
        case .unix: description
        case .tcp: "\(isEncrypted ? "https" : "http")://\(description)"
        }
    }
}
