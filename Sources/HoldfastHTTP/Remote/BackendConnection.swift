internal import HoldfastChain
internal import HoldfastModel
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix

/// One connection to the socket of a daemon: one call at a time.
struct BackendConnection: Sendable {
    private let channel: any Channel
    private let collector: NIOLoopBound<ReplyCollector>

    /// Whether the daemon has not closed it.
    var isOpen: Bool { channel.isActive }

    /// Connects.
    ///
    /// - Returns: nothing where nobody listens.
    /// - Throws: `permission` when this user may not, `unavailable` for another reason.
    static func open(_ path: String) async throws(HoldfastError) -> BackendConnection? {
        do {
            return try await ClientBootstrap(group: .singletonMultiThreadedEventLoopGroup)
                .connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        let collector = ReplyCollector()
                        try channel.pipeline.syncOperations.addHTTPClientHandlers()
                        try channel.pipeline.syncOperations.addHandler(collector)
                        return BackendConnection(
                            channel: channel,
                            collector: NIOLoopBound(collector, eventLoop: channel.eventLoop))
                    }
                }
        } catch let error as IOError where [ENOENT, ECONNREFUSED].contains(error.errnoCode) {
            return nil
        } catch let error as IOError where [EACCES, EPERM].contains(error.errnoCode) {
            throw HoldfastError(
                .permission,
                "\(path), where a daemon listens, is another user's: run the command as that user",
                vendorCode: Int64(error.errnoCode))
        } catch {
            throw HoldfastError(.unavailable, "cannot connect to the daemon at \(path): \(error)")
        }
    }

    /// Waits until whoever listens shows that it is a daemon that runs; no backend is asked, so none can hold that up.
    ///
    /// - Parameters:
    ///   - path: where it listens, for the error.
    ///   - timeout: how long to wait.
    /// - Throws: `unavailable` where it does not answer in time, or something else.
    func greet(at path: String, within timeout: Duration) async throws(HoldfastError) {
        _ = try await request(
            .GET, "/healthz", nil, within: timeout,
            late: HoldfastError(
                .unavailable,
                "what listens at \(path) has not answered for \(timeout.components.seconds) s: it is stopped or stuck, or no "
                    + "daemon; \"ss -xlp\" names the process: end or restart it, and run the command again"),
            isWrite: false)
    }

    /// Sends a call and waits for its reply.
    ///
    /// - Parameters:
    ///   - call: what is asked.
    ///   - timeout: then the connection is of no more use.
    /// - Returns: what the daemon says, a failure of the backend included.
    /// - Throws: `unavailable` or `timeout` where no reply came; a write may then be stored, and the error says so.
    func exchange(_ call: BackendCall, within timeout: Duration) async throws(HoldfastError) -> BackendReply {
        let isWrite = if case .write = call { true } else { false }
        let bytes = try await request(
            .POST, BackendRoutes.path, call.encoded, within: timeout,
            late: HoldfastError(.timeout, "the daemon does not answer", flags: Self.flags(isWrite)),
            isWrite: isWrite)
        return try BackendReply(decoding: Bytes(Array(bytes.readableBytesView)))
    }

    private func request(
        _ method: HTTPMethod, _ path: String, _ message: Bytes?, within timeout: Duration,
        late: HoldfastError, isWrite: Bool
    ) async throws(HoldfastError) -> ByteBuffer {
        let promise = channel.eventLoop.makePromise(of: ByteBuffer.self)
        channel.eventLoop.execute { send(method, path, message, promise) }
        let alarm = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            collector.value.fail(late)
            channel.close(promise: nil)
        }
        defer { alarm.cancel() }
        do {
            return try await promise.futureResult.get()
        } catch let error as HoldfastError {
            throw error
        } catch {
            throw HoldfastError(
                .unavailable, "the connection to the daemon broke: \(error)", flags: Self.flags(isWrite))
        }
    }

    private static func flags(_ isWrite: Bool) -> HoldfastError.Flags {
        isWrite ? [.retryable, .maybeApplied] : .retryable
    }

    /// Runs on the event loop.
    private func send(
        _ method: HTTPMethod, _ path: String, _ message: Bytes?, _ promise: EventLoopPromise<ByteBuffer>
    ) {
        guard channel.isActive else {
            // Nothing was sent, so nothing can have happened.
            promise.fail(HoldfastError(.unavailable, "the daemon has closed the connection"))
            return
        }
        collector.value.promise = promise
        var headers: HTTPHeaders = ["host": "localhost"]
        if let message {
            headers.add(name: "content-type", value: Reply.MediaType.bytes)
            headers.add(name: "content-length", value: String(message.count))
        }
        let head = HTTPRequestHead(version: .http1_1, method: method, uri: path, headers: headers)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        if let message {
            var body = channel.allocator.buffer(capacity: message.count)
            body.write(message)
            channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil)
        }
        channel.writeAndFlush(HTTPClientRequestPart.end(nil), promise: nil)
    }

    /// Closes it.
    func close() async {
        // One that is closed already cannot be closed, which is what is wanted.
        try? await channel.close()
    }
}

/// Gathers the reply to one call; lives on the event loop of its connection.
private final class ReplyCollector: ChannelInboundHandler {
    typealias InboundIn = HTTPClientResponsePart

    var promise: EventLoopPromise<ByteBuffer>?
    private var status = HTTPResponseStatus.ok
    private var body = ByteBuffer()

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head(let head):
            status = head.status
            body.clear()
        case .body(var part): body.writeBuffer(&part)
        case .end:
            guard status == .ok else {
                let text = String(decoding: body.readableBytesView.prefix(500), as: UTF8.self)
                fail(
                    HoldfastError(
                        .unavailable,
                        "the daemon answered \(status.code), expected one of this version: \(text)"))
                return
            }
            promise?.succeed(body)
            promise = nil
        }
    }

    func channelInactive(context: ChannelHandlerContext) { fail(ChannelError.inputClosed) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        fail(error)
        context.close(promise: nil)
    }

    func fail(_ error: any Error) {
        promise?.fail(error)
        promise = nil
    }
}
