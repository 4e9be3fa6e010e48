internal import Glibc
internal import HoldfastSupport

/// The thread of a ``CuttingProxy``: passes bytes on between clients and the server until it is told to break one off.
final class CuttingWorker: @unchecked Sendable {
    // @unchecked: everything that changes is touched by the one thread that runs it.

    /// One connection of a client, and the one to the server that was made for it.
    private final class Link {
        var client: Int32
        var server: Int32
        var toServer: [UInt8] = []
        var toClient: [UInt8] = []
        /// Whether the next bytes of the client begin a request.
        var awaitsRequest = true
        /// What becomes of it once its request, or the answer, comes by.
        var fate: CuttingProxy.Cut?
        /// Whether it ends once what is held has been passed on.
        var isEnding = false

        init(client: Int32, server: Int32) {
            self.client = client
            self.server = server
        }
    }

    private static let heldByteCountMax = 1 << 20

    private let target: LoopbackSocket.Address
    private let listener: Int32
    private let bell: Int32
    private let orders: Monitor<CuttingProxy.Orders>
    private var links: [Link] = []
    private var resets = false
    private var buffer = [UInt8](repeating: 0, count: 1 << 16)

    init(target: LoopbackSocket.Address, listener: Int32, bell: Int32, orders: Monitor<CuttingProxy.Orders>) {
        self.target = target
        self.listener = listener
        self.bell = bell
        self.orders = orders
    }

    /// Runs until the proxy is stopped.
    func run() {
        while true {
            let (isStopped, isPaused, isRefusing) = orders.withLock {
                ($0.isStopped, $0.isPaused, $0.isRefusing)
            }
            guard !isStopped else { return finish() }
            if isRefusing { endAll() }
            var polled = [
                pollfd(fd: bell, events: Int16(POLLIN), revents: 0),
                pollfd(fd: listener, events: Int16(POLLIN), revents: 0),
            ]
            if !isPaused { for link in links { polled += wants(link) } }
            guard poll(&polled, nfds_t(polled.count), -1) > 0 else { continue }
            if polled[0].revents != 0 { while read(bell, &buffer, buffer.count) > 0 {} }
            if !isPaused {
                for (position, link) in links.enumerated() {
                    serve(link, polled[2 + 2 * position].revents, polled[3 + 2 * position].revents)
                }
            }
            links.removeAll { $0.client < 0 && $0.server < 0 }
            if polled[1].revents != 0 { acceptAll(isRefusing: isRefusing) }
        }
    }

    private func wants(_ link: Link) -> [pollfd] {
        func wish(_ descriptor: Int32, sends: [UInt8], takes: [UInt8]) -> pollfd {
            var events: Int16 = 0
            if !sends.isEmpty { events |= Int16(POLLOUT) }
            if takes.count < Self.heldByteCountMax, !link.isEnding { events |= Int16(POLLIN) }
            return pollfd(fd: descriptor, events: events, revents: 0)
        }
        return [
            wish(link.client, sends: link.toClient, takes: link.toServer),
            wish(link.server, sends: link.toServer, takes: link.toClient),
        ]
    }

    private func acceptAll(isRefusing: Bool) {
        while let client = LoopbackSocket.accept(at: listener) {
            guard !isRefusing, let server = LoopbackSocket.connect(to: target) else {
                LoopbackSocket.reset(client)
                continue
            }
            links.append(Link(client: client, server: server))
        }
    }

    // MARK: one connection

    private func serve(_ link: Link, _ client: Int16, _ server: Int16) {
        let ready = Int16(POLLIN) | Int16(POLLHUP) | Int16(POLLERR)
        if client & ready != 0, link.client >= 0, !link.isEnding { takeFromClient(link) }
        if server & ready != 0, link.server >= 0, !link.isEnding { takeFromServer(link) }
        push(link)
    }

    private func takeFromClient(_ link: Link) {
        guard let bytes = receive(link.client) else { return end(link) }
        guard !bytes.isEmpty else { return }
        if link.awaitsRequest {
            link.awaitsRequest = false
            link.fate = drawFate()
        }
        switch link.fate {
        case .beforeRequest: return cut(link)
        case .insideRequest:
            link.toServer += bytes.prefix(bytes.count / 2)
            link.isEnding = true
        case .afterRequest:
            link.toServer += bytes
            // The rest of a long request is there by now, or the server will see a part of it.
            while let more = receive(link.client), !more.isEmpty { link.toServer += more }
            cutClient(link)
        case .beforeAnswer, .insideAnswer, nil: link.toServer += bytes
        }
    }

    private func takeFromServer(_ link: Link) {
        guard let bytes = receive(link.server) else { return end(link) }
        guard !bytes.isEmpty else { return }
        link.awaitsRequest = true
        switch link.fate {
        case .beforeAnswer: cut(link)
        case .insideAnswer:
            link.toClient += bytes.prefix(bytes.count / 2)
            link.isEnding = true
        case .afterRequest: end(link)
        case .beforeRequest, .insideRequest, nil: link.toClient += bytes
        }
    }

    private func push(_ link: Link) {
        if link.server >= 0, !send(&link.toServer, to: link.server) { end(link) }
        if link.client >= 0, !send(&link.toClient, to: link.client) { end(link) }
        if link.client < 0, link.server >= 0, link.toServer.isEmpty {
            // The server works on what it has, and then finds nobody there: with a part of a request it would wait for
            // the rest for ever, and keep the locks that it has taken.
            _ = shutdown(link.server, Int32(SHUT_WR))
        }
        if link.isEnding, link.toServer.isEmpty, link.toClient.isEmpty { cut(link) }
    }

    private func drawFate() -> CuttingProxy.Cut? {
        orders.withLock { orders in
            orders.requestCount += 1
            guard let order = orders.cut, !links.contains(where: { $0.fate != nil && $0.client >= 0 }) else {
                return nil
            }
            guard order.skipped == 0 else {
                orders.cut?.skipped -= 1
                return nil
            }
            return order.kind
        }
    }

    // MARK: ends

    /// The client's side breaks off; the server's goes on until it has answered.
    private func cutClient(_ link: Link) {
        resets.toggle()
        if resets { LoopbackSocket.reset(link.client) } else { close(link.client) }
        link.client = -1
        link.toClient = []
        noteCut()
    }

    private func cut(_ link: Link) {
        if link.client >= 0 { cutClient(link) }
        end(link)
    }

    /// Ends a connection; what a cut was meant for goes on to the next request.
    private func end(_ link: Link) {
        if link.client >= 0 { close(link.client) }
        if link.server >= 0 { close(link.server) }
        (link.client, link.server) = (-1, -1)
        (link.toServer, link.toClient) = ([], [])
        link.isEnding = false
        link.fate = nil
    }

    private func noteCut() {
        let waiter = orders.withLock { orders -> CheckedContinuation<Void, Never>? in
            defer { orders.cut = nil }
            orders.cutCount += 1
            return orders.cut?.waiter
        }
        waiter?.resume()
        orders.broadcast()
    }

    private func endAll() {
        for link in links { end(link) }
        links.removeAll()
    }

    private func finish() {
        endAll()
        close(listener)
        close(bell)
        let waiter = orders.withLock { orders -> CheckedContinuation<Void, Never>? in
            defer { orders.cut = nil }
            return orders.cut?.waiter
        }
        waiter?.resume()
        orders.broadcast()
    }

    // MARK: bytes

    /// What has arrived: nothing when the other side is gone, empty when nothing is there.
    private func receive(_ descriptor: Int32) -> [UInt8]? {
        let count = recv(descriptor, &buffer, buffer.count, 0)
        if count > 0 { return Array(buffer[0..<count]) }
        return count < 0 && (errno == EAGAIN || errno == EINTR) ? [] : nil
    }

    /// Sends what can be sent; false when the other side is gone.
    private func send(_ bytes: inout [UInt8], to descriptor: Int32) -> Bool {
        while !bytes.isEmpty {
            let count = Glibc.send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL))
            guard count > 0 else { return errno == EAGAIN || errno == EINTR }
            bytes.removeFirst(count)
        }
        return true
    }
}
