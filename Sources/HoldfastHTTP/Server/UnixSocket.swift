internal import Glibc
internal import HoldfastModel

/// A Unix socket that nobody but its owner can connect to, from the moment it has a name.
enum UnixSocket {
    /// Makes a socket at a path, in place of one that nobody listens on any more.
    ///
    /// - Returns: a descriptor that its owner closes.
    /// - Throws: `conflict` when another process listens there; `invalid` when something else is there; `permission` when
    ///   this user may not have the place; `unavailable` for what else the system says, such as that there is no directory.
    static func open(_ path: String) throws(HoldfastError) -> Int32 {
        let descriptor = try make()
        // A socket gets its mode from the descriptor when it is bound; a mode set afterwards would come too late.
        guard fchmod(descriptor, 0o600) == 0, bind(descriptor, path) == 0 || replace(path, descriptor) else {
            let number = errno
            _ = Glibc.close(descriptor)
            throw try refusal(path, number)
        }
        return descriptor
    }

    /// Closes a descriptor that nobody else does.
    static func close(_ descriptor: Int32) { _ = Glibc.close(descriptor) }

    /// Removes the name of a socket that is not listened on any more.
    static func remove(_ path: String) { _ = unsafe unlink(path) }

    private static func make() throws(HoldfastError) -> Int32 {
        let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else {
            throw HoldfastError(
                .exhausted, "cannot make a socket: \(message(errno))", vendorCode: Int64(errno))
        }
        return descriptor
    }

    /// Takes the place of a socket whose process is gone; where it cannot, `errno` says why.
    private static func replace(_ path: String, _ descriptor: Int32) -> Bool {
        guard errno == EADDRINUSE else { return false }
        guard isSocket(path), answer(of: path) == ECONNREFUSED else {
            errno = EADDRINUSE
            return false
        }
        return unsafe unlink(path) == 0 && bind(descriptor, path) == 0
    }

    private static func refusal(_ path: String, _ number: Int32) throws(HoldfastError) -> HoldfastError {
        guard number == EADDRINUSE else {
            let isForbidden = number == EACCES || number == EPERM
            return HoldfastError(
                isForbidden ? .permission : .unavailable,
                "cannot listen on unix:\(path): \(message(number))", vendorCode: Int64(number))
        }
        guard isSocket(path) else {
            return HoldfastError(
                .invalid, "cannot listen on unix:\(path): something that is no socket is there")
        }
        return answer(of: path) == EACCES
            ? HoldfastError(
                .permission,
                "cannot listen on unix:\(path): a socket is there to which this user may not connect")
            : HoldfastError(.conflict, "another process listens on unix:\(path)")
    }

    private static func isSocket(_ path: String) -> Bool {
        var status = stat()
        return unsafe lstat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
    }

    /// What the system says to who connects: zero where somebody listens, ECONNREFUSED where nobody does any more.
    private static func answer(of path: String) -> Int32 {
        guard let probe = try? make() else { return errno }
        defer { close(probe) }
        return unsafe withAddress(path) { unsafe connect(probe, $0, $1) } == 0 ? 0 : errno
    }

    private static func bind(_ descriptor: Int32, _ path: String) -> Int32 {
        unsafe withAddress(path) { unsafe Glibc.bind(descriptor, $0, $1) }
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let text = Array(path.utf8)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
            // One byte is left for the NUL behind the path; whoever made the address checked its length.
            unsafe room.copyBytes(from: text.prefix(room.count - 1))
        }
        return unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func message(_ number: Int32) -> String { unsafe String(cString: strerror(number)) }
}
