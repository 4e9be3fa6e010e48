internal import Glibc
package import HoldfastSupport

/// Tells the service manager how the daemon is: one datagram for each change.
///
/// Says nothing where no service manager asked for it.
///
/// Source: sd_notify(3).
package struct ServiceNotice: Sendable {
    private let socketName: String?

    /// Makes a notice.
    ///
    /// - Parameter socketName: the value of `NOTIFY_SOCKET`: a path, or `@` and an abstract name.
    package init(socketName: String?) { self.socketName = socketName.flatMap { $0.isEmpty ? nil : $0 } }

    /// Of the environment of this process.
    package static var ofProcess: ServiceNotice {
        ServiceNotice(socketName: unsafe getenv("NOTIFY_SOCKET").map { unsafe String(cString: $0) })
    }

    /// How often a service manager hears that the daemon is still starting.
    static let startingInterval = Duration.seconds(20)

    /// Runs what a start has to do, however long that takes: the service manager is asked for a minute more each time.
    ///
    /// - Parameters:
    ///   - clock: for how often.
    ///   - body: opens the storage, which may have a log to read or records to file first.
    /// - Returns: what it returns.
    /// - Throws: what it throws.
    package func whileStarting<Result: Sendable, Failure: Error>(
        _ clock: any HostClock = SystemClock(), _ body: () async throws(Failure) -> Result
    ) async throws(Failure) -> Result {
        let asking = Task {
            while true {
                await clock.wait(for: Self.startingInterval)
                guard !Task.isCancelled else { return }
                send("EXTEND_TIMEOUT_USEC=60000000")
            }
        }
        defer { asking.cancel() }
        return try await body()
    }

    /// The daemon answers.
    package func ready() { send("READY=1") }

    /// The daemon reads its settings again; ``ready()`` must follow.
    package func reloading() {
        var now = timespec()
        unsafe clock_gettime(CLOCK_MONOTONIC, &now)
        send("RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)")
    }

    /// The daemon finishes its requests and ends.
    package func stopping() { send("STOPPING=1") }

    /// Sends a datagram; a service manager that does not listen must not stop the daemon.
    private func send(_ text: String) {
        guard let socketName else { return }
        let kind = Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)
        let descriptor = socket(AF_UNIX, kind, 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var name = Array(socketName.utf8)
        if name.first == UInt8(ascii: "@") { name[0] = 0 }
        let room = MemoryLayout.size(ofValue: address.sun_path)
        guard name.count < room else { return }
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        // An abstract name ends where the length says, a path at its NUL.
        let length = socklen_t(room == 108 ? 2 + name.count + (name.first == 0 ? 0 : 1) : 0)
        let bytes = Array(text.utf8)
        _ = unsafe withUnsafePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { target in
                unsafe sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), target, length)
            }
        }
    }
}
