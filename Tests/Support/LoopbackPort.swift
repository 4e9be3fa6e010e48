internal import Glibc

/// Ports of 127.0.0.1.
public enum LoopbackPort: Sendable {
    /// A port that is free now, and that no connection gets by chance: below those that the system gives out.
    ///
    /// For programs that must be told a port before they bind it.
    public static func quiet() throws -> Int {
        for _ in 0..<1000 {
            let port = Int.random(in: 10_000...32_000)
            if try bound(port) == port { return port }
        }
        throw TestSupportError("no port of loopback is free between 10000 and 32000")
    }

    /// A port that is free now; another process may take it before it is used.
    public static func free() throws -> Int {
        guard let port = try bound(0) else {
            throw TestSupportError("no port of loopback is free: errno \(errno)")
        }
        return port
    }

    /// Binds a port for a moment.
    ///
    /// - Returns: the port, or nothing where it is taken.
    private static func bound(_ port: Int) throws -> Int? {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { throw TestSupportError("cannot make a socket: errno \(errno)") }
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard result == 0 else { return nil }
        return Int(UInt16(bigEndian: address.sin_port))
    }
}
