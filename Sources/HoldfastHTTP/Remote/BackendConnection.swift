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

    /// Sends a call and waits for its reply.
    ///
    /// - Parameters:
    ///   - call: what is asked.
    ///   - timeout: then the connection is of no more use.
    /// - Returns: what the daemon says, a failure of the backend included.
    /// - Throws: `unavailable` or `timeout` where no reply came; a write may then be stored, and the error says so.
    func exchange(_ call: BackendCall, within timeout: Duration) async throws(HoldfastError) -> BackendReply {
        let message = call.encoded
        let promise = channel.eventLoop.makePromise(of: ByteBuffer.self)
        channel.eventLoop.execute { send(message, promise) }
        let alarm = channel.eventLoop.scheduleTask(in: TimeAmount(timeout)) {
            collector.value.fail(
                HoldfastError(.timeout, "the daemon does not answer", flags: Self.flags(of: call)))
            channel.close(promise: nil)
        }
        defer { alarm.cancel() }
        let bytes: ByteBuffer
        do {
            bytes = try await promise.futureResult.get()
        } catch let error as HoldfastError {
            throw error
        } catch {
            throw HoldfastError(
                .unavailable, "the connection to the daemon broke: \(error)", flags: Self.flags(of: call))
        }
        return try BackendReply(decoding: Bytes(Array(bytes.readableBytesView)))
    }

    private static func flags(of call: BackendCall) -> HoldfastError.Flags {
        if case .write = call { [.retryable, .maybeApplied] } else { .retryable }
    }

    /// Runs on the event loop.
    private func send(_ message: Bytes, _ promise: EventLoopPromise<ByteBuffer>) {
        guard channel.isActive else {
            // Nothing was sent, so nothing can have happened.
            promise.fail(HoldfastError(.unavailable, "the daemon has closed the connection"))
            return
        }
        collector.value.promise = promise
        var body = channel.allocator.buffer(capacity: message.count)
        body.write(message)
        let headers: HTTPHeaders = [
            "host": "localhost", "content-type": Reply.MediaType.bytes,
            "content-length": String(message.count),
        ]
        let head = HTTPRequestHead(
            version: .http1_1, method: .POST, uri: BackendRoutes.path, headers: headers)
        channel.write(HTTPClientRequestPart.head(head), promise: nil)
        channel.write(HTTPClientRequestPart.body(.byteBuffer(body)), promise: nil)
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
