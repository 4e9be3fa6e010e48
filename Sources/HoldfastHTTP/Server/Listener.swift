internal import HoldfastModel
internal import HummingbirdCore
internal import Logging
internal import NIOCore
internal import NIOHTTPTypes
internal import NIOHTTPTypesHTTP1
internal import NIOPosix
internal import ServiceLifecycle

/// Accepts connections on one address, and answers the requests on each of them.
struct Listener: Sendable {
    /// A connection, as parts of requests and answers.
    typealias Connection = NIOAsyncChannel<HTTPRequestPart, HTTPResponsePart>

    /// The address, with the port that the system has given.
    let address: ListenAddress
    private let socket: any Channel
    private let arrivals: Arrivals
    private let connections: ConnectionRegistry
    private let http: HTTP1Channel
    private let logger: Logger

    /// Takes the address; connections wait until ``run()``.
    ///
    /// - Throws: `unavailable` when the address is taken or is none of this machine's.
    static func bind(
        _ address: ListenAddress, _ responder: Responder, encryption: Encryption?
    ) async throws(HoldfastError) -> Listener {
        let logger = responder.environment.logger
        let live = responder.environment.live
        let connections = ConnectionRegistry()
        let isLocal = if case .unix = address { true } else { false }
        let arrivals = Arrivals()
        let socket: any Channel
        do {
            socket = try await Self.socket(address, live) { channel in
                connections.add(channel)
                do {
                    if let encryption, !isLocal { try encryption.add(to: channel) }
                } catch {
                    return channel.eventLoop.makeFailedFuture(error)
                }
                // Made for each connection, with what holds by then.
                let http = Self.http(responder, isLocal: isLocal)
                return http.setup(channel: channel, logger: logger).flatMapThrowing { connection in
                    let pipeline = channel.pipeline.syncOperations
                    let codec = try pipeline.context(handlerType: HTTP1ToHTTPServerCodec.self)
                    try pipeline.addHandler(MessageRules(), position: .before(codec.handler))
                    arrivals.add(connection)
                }
            }
        } catch let error as HoldfastError {
            throw error
        } catch {
            throw HoldfastError(.unavailable, "cannot listen on \(address): \(error)")
        }
        socket.closeFuture.whenComplete { _ in arrivals.finish() }
        let bound = address.with(port: socket.localAddress?.port)
        return Listener(
            address: bound, socket: socket, arrivals: arrivals, connections: connections,
            http: http(responder, isLocal: isLocal), logger: logger)
    }

    /// Accepts and answers until the task is cancelled or the service group shuts down; then lets requests finish.
    ///
    /// - Parameter drainTimeout: says how long these have.
    func run(drainTimeout: @escaping @Sendable () -> Duration) async {
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await accept()
            } onCancel: {
                socket.close(promise: nil)
                connections.close()
            }
        } onGracefulShutdown: {
            socket.close(promise: nil)
            connections.drain()
            let loop = socket.eventLoop
            loop.scheduleTask(in: TimeAmount(drainTimeout())) { connections.close() }
        }
        removeName()
    }

    /// Gives the address back without having served.
    func abandon() {
        socket.close(promise: nil)
        arrivals.turnAway()
        removeName()
    }

    private func removeName() {
        if case .unix(let path) = address { UnixSocket.remove(path) }
    }

    private func accept() async {
        await withDiscardingTaskGroup { group in
            for await connection in arrivals.stream {
                group.addTask { await http.handle(value: connection, logger: logger) }
            }
        }
    }

    private static func http(_ responder: Responder, isLocal: Bool) -> HTTP1Channel {
        let settings = responder.environment.settings
        let configuration = HTTP1Channel.Configuration(
            additionalChannelHandlers: [
                ConnectionGuard(settings, names: responder.names, date: responder.date)
            ],
            idleTimeout: TimeAmount(settings.idleTimeout),
            httpDecoderConfiguration: .init(
                maxHeaderFieldSize: settings.headerByteCountMax,
                maxHeaderListSize: settings.headerByteCountMax,
                maxHeaderFieldCount: settings.headerCountMax))
        return HTTP1Channel(
            responder: { request, writer, _ in
                try await responder.respond(to: request, writer, isLocal: isLocal)
            }, configuration: configuration)
    }

    private static func socket(
        _ address: ListenAddress, _ live: LiveSettings,
        _ setUp: @escaping @Sendable (any Channel) -> EventLoopFuture<Void>
    ) async throws -> any Channel {
        let limit = ConnectionLimit(live)
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelOption(ChannelOptions.backlog, value: 1024)
            .serverChannelOption(ChannelOptions.socketOption(.so_reuseaddr), value: 1)
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .childChannelInitializer(setUp)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.addHandler(
                        AvailableConnectionsChannelHandler(delegate: limit))
                }
            }
        switch address {
        case .tcp(let host, let port): return try await bootstrap.bind(host: host, port: port).get()
        case .unix(let path):
            let descriptor = try UnixSocket.open(path)
            do {
                return try await bootstrap.withBoundSocket(descriptor).get()
            } catch {
                UnixSocket.close(descriptor)
                throw error
            }
        }
    }
}

extension ListenAddress {
    /// The same address with the port that the system has given.
    fileprivate func with(port: Int?) -> ListenAddress {
        guard case .tcp(let host, _) = self, let port else { return self }
        return .tcp(host: host, port: port)
    }
}
