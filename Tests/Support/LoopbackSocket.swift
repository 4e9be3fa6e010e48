internal import Glibc

/// Sockets of this machine.
enum LoopbackSocket {
    /// Where a server listens.
    enum Address: Hashable, Sendable {
        /// On 127.0.0.1.
        case port(Int)
        /// A socket in the file system.
        case path(String)
    }

    /// Listens on a free port of loopback.
    ///
    /// - Returns: the socket, which does not block, and its port.
    static func listen() throws -> (descriptor: Int32, port: Int) {
        let descriptor = socket(AF_INET, streamType, 0)
        guard descriptor >= 0 else { throw TestSupportError("cannot make a socket: errno \(errno)") }
        var address = internet(port: 0)
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let result = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                bind(descriptor, generic, length) == 0 && Glibc.listen(descriptor, 128) == 0
                    ? getsockname(descriptor, generic, &length) : -1
            }
        }
        guard result == 0 else {
            let number = errno
            close(descriptor)
            throw TestSupportError("cannot listen on loopback: errno \(number)")
        }
        makeNonblocking(descriptor)
        return (descriptor, Int(UInt16(bigEndian: address.sin_port)))
    }

    /// Connects, and waits for it: on one machine that takes no time.
    ///
    /// - Returns: a socket that does not block, or nothing where nobody listens.
    static func connect(to target: Address) -> Int32? {
        let descriptor: Int32
        let result: Int32
        switch target {
        case .port(let port):
            descriptor = socket(AF_INET, streamType, 0)
            var address = internet(port: port)
            result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
        case .path(let path):
            descriptor = socket(AF_UNIX, streamType, 0)
            var address = sockaddr_un()
            address.sun_family = sa_family_t(AF_UNIX)
            withUnsafeMutableBytes(of: &address.sun_path) {
                $0.copyBytes(from: path.utf8.prefix($0.count - 1))
            }
            result = withUnsafePointer(to: &address) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
                }
            }
        }
        guard result == 0 else {
            if descriptor >= 0 { close(descriptor) }
            return nil
        }
        makeNonblocking(descriptor)
        return descriptor
    }

    /// Takes a connection that waits at a listening socket.
    ///
    /// - Returns: a socket that does not block, or nothing when nobody waits.
    static func accept(at listener: Int32) -> Int32? {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return nil }
        makeNonblocking(descriptor)
        return descriptor
    }

    /// Closes a socket so that the other side hears of a reset connection, not of its end.
    static func reset(_ descriptor: Int32) {
        var option = linger(l_onoff: 1, l_linger: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
        close(descriptor)
    }

    private static let streamType = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    private static func internet(port: Int) -> sockaddr_in {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        return address
    }

    private static func makeNonblocking(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
        var option: Int32 = 1
        // Means nothing on a socket of the file system, which refuses it.
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &option, socklen_t(MemoryLayout<Int32>.size))
    }
}
