internal import Glibc
internal import HoldfastSupport

/// A port on loopback that leads to a server, and breaks off what goes through it where a test wants it broken.
///
/// Knows no protocol: a request is what a client sends after it was answered, an answer what the server sends after
/// that. So it does the same to every server that answers what it is asked.
public final class CuttingProxy: Sendable {
    /// Where a conversation with the server breaks off; the client hears of nothing but the end of its connection.
    public enum Cut: String, Sendable, CaseIterable {
        /// The server never sees the request.
        case beforeRequest
        /// The server sees half of it.
        case insideRequest
        /// The server sees it, and goes on working while the client already comes back.
        case afterRequest
        /// The server has answered; nothing of the answer arrives.
        case beforeAnswer
        /// Half of what the server sends at once arrives.
        case insideAnswer
    }

    /// What a test wants.
    struct Orders {
        /// A cut that has not happened: where, at which request from now on, and who waits for it.
        var cut: (kind: Cut, skipped: Int, waiter: CheckedContinuation<Void, Never>)?
        var isPaused = false
        var isRefusing = false
        var isStopped = false
        var requestCount = 0
        var cutCount = 0
    }

    /// The port on 127.0.0.1.
    public let port: Int
    private let orders: Monitor<Orders>
    private let bell: Int32

    /// Opens a port that leads to another port of loopback.
    public convenience init(toPort target: Int) throws { try self.init(to: .port(target)) }

    /// Opens a port that leads to a socket of the file system.
    public convenience init(toSocket path: String) throws { try self.init(to: .path(path)) }

    private init(to target: LoopbackSocket.Address) throws {
        let (listener, port) = try LoopbackSocket.listen()
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else {
            throw TestSupportError("cannot make a pipe: errno \(errno)")
        }
        for end in ends {
            _ = fcntl(end, F_SETFL, O_NONBLOCK)
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
        self.port = port
        bell = ends[1]
        orders = Monitor(Orders())
        let worker = CuttingWorker(target: target, listener: listener, bell: ends[0], orders: orders)
        guard ThreadSpawner.system.spawn("cutting-proxy", { worker.run() }) else {
            throw TestSupportError("there is no thread for a proxy")
        }
    }

    deinit {
        stop()
        close(bell)
    }

    /// Breaks off one of the requests to come, and returns when it has happened or the proxy is stopped.
    ///
    /// One cut at a time.
    ///
    /// - Parameters:
    ///   - kind: where.
    ///   - skipped: how many requests of all connections go through before.
    public func cut(_ kind: Cut, after skipped: Int = 0) async {
        await withCheckedContinuation { continuation in
            let refused = orders.withLock { orders -> CheckedContinuation<Void, Never>? in
                guard orders.cut == nil, !orders.isStopped else { return continuation }
                orders.cut = (kind, skipped, continuation)
                return nil
            }
            refused?.resume()
        }
    }

    /// Passes nothing on in either direction until ``resume()``: the server seems to hang.
    public func pause() { give { $0.isPaused = true } }

    /// Passes on again, and first what was held.
    public func resume() { give { $0.isPaused = false } }

    /// Breaks off every connection, and each new one at once, until ``accept()``.
    public func refuse() { give { $0.isRefusing = true } }

    /// Takes connections again.
    public func accept() { give { $0.isRefusing = false } }

    /// How many requests have begun.
    public var requestCount: Int { orders.withLock { $0.requestCount } }

    /// How many cuts have happened.
    public var cutCount: Int { orders.withLock { $0.cutCount } }

    /// Breaks off everything and closes the port, for good.
    public func stop() {
        give { $0.isStopped = true }
        orders.withLock(until: { $0.cut == nil ? .done(()) : .wait })
    }

    private func give(_ order: (inout Orders) -> Void) {
        orders.withLock { order(&$0) }
        var byte: UInt8 = 1
        // A full pipe rings as well.
        _ = write(bell, &byte, 1)
    }
}
