internal import HTTPTypes
internal import HoldfastModel
internal import NIOCore
internal import NIOHTTP1
internal import NIOHTTPTypes

/// Ends connections whose clients are too slow, and answers those that speak no HTTP.
///
/// Stands in each connection's pipeline behind the parser. A request must have arrived as a whole within a time; bytes of
/// an answer that nobody takes for a time end the connection.
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let readTimeout: TimeAmount
    private let writeTimeout: TimeAmount
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    /// Requests that began and whose answers have not ended.
    private var openCount = 0
    private var isRefused = false

    init(_ settings: ServerSettings) {
        readTimeout = TimeAmount(settings.readTimeout)
        writeTimeout = TimeAmount(settings.writeTimeout)
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        switch unwrapInboundIn(data) {
        case .head:
            openCount += 1
            reading?.cancel()
            reading = schedule(readTimeout, context)
        case .body: break
        case .end:
            reading?.cancel()
            reading = nil
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) { openCount -= 1 }
        context.write(data, promise: promise)
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writing?.cancel()
        writing = context.channel.isWritable ? nil : schedule(writeTimeout, context)
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
        context.fireChannelInactive()
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isRefused else { return }
        isRefused = true
        reading?.cancel()
        guard openCount == 0, context.channel.isActive, let problem = Self.problem(of: error) else {
            return context.close(promise: nil)
        }
        refuse(problem, context)
    }

    /// Answers what could not be parsed, and ends the connection.
    private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
        let reply = problem.reply(requestID: "")
        var head = HTTPResponse(status: reply.status, headerFields: reply.headers)
        head.headerFields.append(HTTPField(name: .connection, value: "close"))
        guard case .buffer(let body) = reply.body else { return context.close(promise: nil) }
        head.headerFields.append(HTTPField(name: .contentLength, value: String(body.readableBytes)))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        let end = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).whenComplete { _ in
            end.value.close(promise: nil)
        }
    }

    private static func problem(of error: any Error) -> Problem? {
        switch error {
        case HTTPParserError.headerOverflow:
            Problem(
                HTTPResponse.Status(code: 431, reasonPhrase: "Request Header Fields Too Large"), .invalid,
                "the headers are more, or larger, than this daemon takes")
        case is HTTPParserError:
            Problem(.badRequest, .invalid, "the request is not HTTP/1.1: \(error)")
        default: nil
        }
    }

    private func schedule(_ time: TimeAmount, _ context: ChannelHandlerContext) -> Scheduled<Void> {
        let bound = NIOLoopBound(context, eventLoop: context.eventLoop)
        return context.eventLoop.scheduleTask(in: time) { bound.value.close(promise: nil) }
    }
}

extension TimeAmount {
    /// Whole nanoseconds, rounded towards zero.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        self = .nanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }
}
