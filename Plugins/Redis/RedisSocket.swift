private import Glibc
internal import HoldfastProviderKit

/// A connected socket that never blocks.
@safe struct RedisSocket {
    /// What a read or a write came to.
    enum Transfer: Hashable, Sendable {
        /// So many bytes.
        case bytes(Int)
        /// Nothing now.
        case wouldBlock
        /// The other side is gone, with the number of the error; 0 when it closed in order.
        case lost(Int32)
    }

    private let descriptor: Int32

    /// Connects to the first address of an endpoint that answers.
    ///
    /// - Parameters:
    ///   - endpoint: where the server listens.
    ///   - wait: until when.
    /// - Throws: `unavailable` where nobody answers, `timeout` where nobody answers in time.
    init(_ endpoint: RedisEndpoint, _ wait: inout RedisWait) throws(ProviderError) {
        switch endpoint {
        case .unix(let path): descriptor = try Self.unix(path, endpoint, &wait)
        case .tcp(let host, let port): descriptor = try Self.tcp(host, port, endpoint, &wait)
        }
    }

    /// Gives the socket back.
    func close() { _ = Glibc.close(descriptor) }

    /// Sends what the kernel takes now.
    func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
        while true {
            let count = unsafe Glibc.send(descriptor, bytes.baseAddress, bytes.count, Int32(MSG_NOSIGNAL))
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .lost(errno)
        }
    }

    /// Takes what has come.
    func receive(into bytes: UnsafeMutableRawBufferPointer) -> Transfer {
        while true {
            let count = unsafe recv(descriptor, bytes.baseAddress, bytes.count, 0)
            if count > 0 { return .bytes(count) }
            if count == 0 { return .lost(0) }
            if errno == EINTR { continue }
            return errno == EAGAIN || errno == EWOULDBLOCK ? .wouldBlock : .lost(errno)
        }
    }

    /// Waits until something can be read, or written where that is wanted.
    ///
    /// - Returns: whether something may be done; false after a while in which nothing happened.
    func poll(forWriting: Bool, milliseconds: Int32) -> Bool {
        let events = Int16(POLLIN) | (forWriting ? Int16(POLLOUT) : 0)
        var request = pollfd(fd: descriptor, events: events, revents: 0)
        return unsafe Glibc.poll(&request, 1, milliseconds) > 0
    }

    // MARK: - Connecting

    private static func unix(
        _ path: String, _ endpoint: RedisEndpoint, _ wait: inout RedisWait
    ) throws(ProviderError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { room in
            for (index, byte) in path.utf8.prefix(room.count - 1).enumerated() { unsafe room[index] = byte }
        }
        let length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let result = unsafe withUnsafePointer(to: &address) { pointer in
            let generic = unsafe UnsafeRawPointer(pointer).assumingMemoryBound(to: sockaddr.self)
            return unsafe attempt(AF_UNIX, 0, generic, length, &wait)
        }
        switch result {
        case .success(let descriptor): return descriptor
        case .failure(let failure): throw refusal(endpoint, failure.number, wait)
        }
    }

    private static func tcp(
        _ host: String, _ port: UInt16, _ endpoint: RedisEndpoint, _ wait: inout RedisWait
    ) throws(ProviderError) -> Int32 {
        var hints = unsafe addrinfo()
        unsafe hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        unsafe hints.ai_flags = AI_ADDRCONFIG
        var list: UnsafeMutablePointer<addrinfo>?
        let status = unsafe getaddrinfo(host, String(port), &hints, &list)
        guard status == 0, let list = unsafe list else {
            let reason = unsafe String(cString: gai_strerror(status))
            throw ProviderError(.unavailable, "cannot find the server \(endpoint): \(reason)")
        }
        defer { unsafe freeaddrinfo(list) }
        var entry = unsafe Optional(list)
        var lastNumber = ECONNREFUSED
        while let address = unsafe entry {
            let info = unsafe address.pointee
            switch unsafe attempt(info.ai_family, info.ai_protocol, info.ai_addr, info.ai_addrlen, &wait) {
            case .success(let descriptor):
                tune(descriptor)
                return descriptor
            case .failure(let failure): lastNumber = failure.number
            }
            unsafe entry = info.ai_next
        }
        throw refusal(endpoint, lastNumber, wait)
    }

    /// An `errno`.
    private struct Failure: Error {
        let number: Int32
    }

    private static func attempt(
        _ family: Int32, _ transport: Int32, _ address: UnsafePointer<sockaddr>?, _ length: socklen_t,
        _ wait: inout RedisWait
    ) -> Result<Int32, Failure> {
        let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let descriptor = socket(family, kind, transport)
        guard descriptor >= 0 else { return .failure(Failure(number: errno)) }
        var number: Int32 = 0
        if unsafe connect(descriptor, address, length) != 0 { number = errno }
        if number == EINPROGRESS || number == EINTR { number = finish(descriptor, &wait) }
        guard number == 0 else {
            _ = Glibc.close(descriptor)
            return .failure(Failure(number: number))
        }
        return .success(descriptor)
    }

    private static func finish(_ descriptor: Int32, _ wait: inout RedisWait) -> Int32 {
        while true {
            var request = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
            if unsafe Glibc.poll(&request, 1, wait.nextTimeout) > 0 {
                var number: Int32 = 0
                var length = socklen_t(MemoryLayout<Int32>.size)
                let isKnown = unsafe getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &number, &length) == 0
                return isKnown ? number : errno
            }
            guard wait.look() else { return ETIMEDOUT }
        }
    }

    /// Small answers are not held back, and a peer that is gone without a word is noticed.
    private static func tune(_ descriptor: Int32) {
        let settings: [(level: Int32, name: Int32, value: Int32)] = [
            (Int32(IPPROTO_TCP), TCP_NODELAY, 1), (SOL_SOCKET, SO_KEEPALIVE, 1),
            (Int32(IPPROTO_TCP), TCP_KEEPIDLE, 10), (Int32(IPPROTO_TCP), TCP_KEEPINTVL, 5),
            (Int32(IPPROTO_TCP), TCP_KEEPCNT, 3), (Int32(IPPROTO_TCP), TCP_USER_TIMEOUT, 25_000),
        ]
        for setting in settings {
            var value = setting.value
            // One that this kernel lacks only speeds up, or only guards.
            _ = unsafe setsockopt(
                descriptor, setting.level, setting.name, &value, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    private static func refusal(_ endpoint: RedisEndpoint, _ number: Int32, _ wait: RedisWait)
        -> ProviderError
    {
        let isLate = number == ETIMEDOUT
        return ProviderError(
            isLate ? wait.verdict : .unavailable,
            "cannot connect to the server \(endpoint): \(RedisFailure.reason(number))",
            flags: wait.verdict == .cancelled ? [] : .retryable, vendorCode: Int64(number))
    }
}

@available(*, unavailable) extension RedisSocket: Sendable {}
