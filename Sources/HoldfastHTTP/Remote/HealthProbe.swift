package import HoldfastModel
internal import HoldfastSupport
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL

/// Asks a daemon over HTTP whether it is ready: `GET /readyz`.
package struct HealthProbe: Sendable {
    /// Where a daemon is asked.
    package enum Target: Hashable, Sendable, CustomStringConvertible {
        /// The path of its Unix socket.
        case socket(String)
        /// A host and a port; encrypted, with the file of the certificates that are trusted in place of the system's.
        case network(host: String, port: Int, isEncrypted: Bool, trusting: String?)

        /// Reads `http://host:port` or `https://host:port`.
        ///
        /// - Parameters:
        ///   - url: without a path; without a port that of the scheme counts.
        ///   - certificates: PEM, for `https`.
        /// - Throws: `invalid` for anything else.
        package init(url: String, trusting certificates: String? = nil) throws(HoldfastError) {
            let (scheme, rest) =
                url.hasPrefix("https://") ? ("https", url.dropFirst(8)) : ("http", url.dropFirst(7))
            var name = rest.hasSuffix("/") ? rest.dropLast() : rest
            guard url.hasPrefix("\(scheme)://"), !name.isEmpty, !name.contains("/"), !name.contains("@")
            else {
                throw HoldfastError(
                    .invalid, "\"\(url)\" is no address, expected http://host:port or https://host:port")
            }
            var port = scheme == "https" ? 443 : 80
            if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]") {
                guard let number = UInt16(name[name.index(after: colon)...]), colon != name.startIndex else {
                    throw HoldfastError(
                        .invalid, "\"\(url)\" has no port behind its colon, expected 1 to 65535")
                }
                (port, name) = (Int(number), name[..<colon])
            }
            if name.hasPrefix("["), name.hasSuffix("]") { name = name.dropFirst().dropLast() }
            self = .network(
                host: String(name), port: port, isEncrypted: scheme == "https", trusting: certificates)
        }

        /// What people call it.
        package var description: String {
            switch self {
            case .socket(let path): path
            case .network(let host, let port, let isEncrypted, _):
                "\(isEncrypted ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
            }
        }
    }

    /// What a daemon says of itself.
    package struct Report: Hashable, Sendable {
        /// Whether reads and writes are taken.
        package let isReady: Bool
        /// The JSON text of the answer.
        package let json: String
        /// `ready`, or why it is not: the word of the daemon and the providers that are not up.
        package let reason: String
    }

    private let target: Target

    /// Makes a probe.
    package init(_ target: Target) { self.target = target }

    /// Asks once.
    ///
    /// - Parameter timeout: how long the whole of it may take.
    /// - Returns: what the daemon answered.
    /// - Throws: `unavailable` where none listens or what listens is none, `timeout` where no answer comes, `permission`
    ///   where this user may not ask, `invalid` for certificates that cannot be read.
    package func ask(within timeout: Duration) async throws(HoldfastError) -> Report {
        let answer = try await exchange(within: timeout)
        guard answer.status == 200 || answer.status == 503, let node = try? JSONNode(Array(answer.body.utf8)),
            let word = node["status"]?.string
        else {
            throw HoldfastError(
                .unavailable,
                "\(target) answered \(answer.status), expected a daemon: \(answer.body.prefix(200))")
        }
        let down = (node["members"]?.elements ?? []).filter { $0["state"]?.string != "up" }.map { member in
            "\(member["name"]?.string ?? "?") is \(member["state"]?.string ?? "?")"
        }
        let reason = down.isEmpty || answer.status == 200 ? word : "\(word): \(down.joined(separator: ", "))"
        return Report(isReady: answer.status == 200, json: answer.body, reason: reason)
    }

    private func exchange(within timeout: Duration) async throws(HoldfastError) -> ProbeAnswer {
        do {
            let channel = try await connect(within: timeout)
            let collector = try await channel.eventLoop.submit {
                try channel.pipeline.syncOperations.handler(type: ProbeCollector.self).answer.futureResult
            }.get()
            let alarm = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
                channel.close(promise: nil)
            }
            defer {
                alarm.cancel()
                channel.close(promise: nil)
            }
            let head = HTTPRequestHead(
                version: .http1_1, method: .GET, uri: "/readyz",
                headers: ["host": host, "connection": "close"])
            channel.write(HTTPClientRequestPart.head(head), promise: nil)
            channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
            return try await collector.get()
        } catch {
            throw Self.error(error, target)
        }
    }

    private var host: String {
        guard case .network(let host, let port, _, _) = target else { return "localhost" }
        return "\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    private func connect(within timeout: Duration) async throws -> any Channel {
        let bootstrap = ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .connectTimeout(TimeAmount(timeout))
        switch target {
        case .socket(let path):
            return try await bootstrap.channelInitializer(Self.setUp(nil)).connect(unixDomainSocketPath: path)
                .get()
        case .network(let host, let port, let isEncrypted, let certificates):
            guard isEncrypted else {
                return try await bootstrap.channelInitializer(Self.setUp(nil)).connect(host: host, port: port)
                    .get()
            }
            var configuration = TLSConfiguration.makeClientConfiguration()
            if let certificates { configuration.trustRoots = .file(certificates) }
            let context = try NIOSSLContext(configuration: configuration)
            return try await bootstrap.channelInitializer(Self.setUp((context, host)))
                .connect(host: host, port: port).get()
        }
    }

    private static func setUp(
        _ encryption: (context: NIOSSLContext, host: String)?
    ) -> @Sendable (any Channel) -> EventLoopFuture<Void> {
        { channel in
            channel.eventLoop.makeCompletedFuture {
                if let (context, host) = encryption {
                    // An address is no name that a server could be asked for.
                    let isAddress = (try? SocketAddress(ipAddress: host, port: 0)) != nil
                    try channel.pipeline.syncOperations.addHandler(
                        try NIOSSLClientHandler(context: context, serverHostname: isAddress ? nil : host))
                }
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                try channel.pipeline.syncOperations.addHandler(ProbeCollector(channel.eventLoop))
            }
        }
    }

    private static func error(_ error: any Error, _ target: Target) -> HoldfastError {
        switch error {
        case let error as HoldfastError: error
        case let error as IOError where [EACCES, EPERM].contains(error.errnoCode):
            HoldfastError(
                .permission,
                "\(target), where a daemon listens, is another user's: run the command as that user")
        case ChannelError.connectTimeout:
            HoldfastError(.timeout, "the daemon at \(target) does not answer", flags: .retryable)
        case is NIOConnectionError, is IOError:
            HoldfastError(.unavailable, "no daemon listens at \(target)", flags: .retryable)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            HoldfastError(.unavailable, "the connection to \(target) cannot be encrypted: \(error)")
        default: HoldfastError(.unavailable, "\(target) gave no answer: \(error)", flags: .retryable)
        }
    }
}

private struct ProbeAnswer: Sendable {
    let status: Int
    let body: String
}

/// Gathers the one answer of a connection.
private final class ProbeCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    let answer: EventLoopPromise<ProbeAnswer>
    private var status = 0
    private var body = ByteBuffer()
    /// More is no answer of a daemon.
    private static let byteCountMax = 1 << 20

    init(_ loop: any EventLoop) { answer = loop.makePromise() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head): status = Int(head.status.code)
        case .body(var part):
            guard body.readableBytes + part.readableBytes <= Self.byteCountMax else {
                return context.close(promise: nil)
            }
            body.writeBuffer(&part)
        case .end:
            answer.succeed(
                ProbeAnswer(status: status, body: String(decoding: body.readableBytesView, as: UTF8.self)))
        }
    }

    /// A connection that never was leaves nobody waiting.
    func handlerRemoved(context: ChannelHandlerContext) { answer.fail(ChannelError.ioOnClosedChannel) }

    func channelInactive(context: ChannelHandlerContext) {
        answer.fail(HoldfastError(.timeout, "the daemon does not answer", flags: .retryable))
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        answer.fail(error)
        context.close(promise: nil)
    }
}
