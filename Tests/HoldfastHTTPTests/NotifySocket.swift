import Glibc
import HoldfastSupport
import HoldfastTestSupport

/// The socket of a service manager, on which a daemon says how it is.
final class NotifySocket: Sendable {
    private let descriptor: Int32

    /// Makes a socket.
    ///
    /// - Parameter name: a path, or `@` and an abstract name.
    /// - Throws: when it cannot be bound.
    init(_ name: String) throws {
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var bytes = Array(name.utf8)
        if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(2 + bytes.count))
            }
        }
        var patience = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(
            descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, socklen_t(MemoryLayout<timeval>.size))
        guard result == 0 else { throw TestSupportError("cannot bind \(name): errno \(errno)") }
    }

    deinit { close(descriptor) }

    /// The next datagram; nothing where none comes for a minute.
    func next() async -> String? {
        await withCheckedContinuation { continuation in
            let isStarted = ThreadSpawner.system.spawn("notify") { [descriptor] in
                var buffer = [UInt8](repeating: 0, count: 4096)
                let count = recv(descriptor, &buffer, buffer.count, 0)
                continuation.resume(
                    returning: count > 0 ? String(decoding: buffer[0..<count], as: UTF8.self) : nil)
            }
            if !isStarted { continuation.resume(returning: nil) }
        }
    }

    /// Waits for a process of this one to end.
    ///
    /// - Returns: its exit status; 128 and the number of the signal that ended it.
    static func end(of process: Int32) async -> Int32 {
        await withCheckedContinuation { continuation in
            let isStarted = ThreadSpawner.system.spawn("waitpid") {
                var result: Int32 = 0
                while waitpid(process, &result, 0) < 0, errno == EINTR {}
                continuation.resume(
                    returning: result & 0x7F == 0 ? result >> 8 & 0xFF : 128 + result & 0x7F)
            }
            if !isStarted { continuation.resume(returning: -1) }
        }
    }
}
