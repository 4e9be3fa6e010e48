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
    private let names: RequestNames
    private let date: DateHeader
    private var reading: Scheduled<Void>?
    private var writing: Scheduled<Void>?
    private var lingering: Scheduled<Void>?
    /// Requests that began and whose answers have not ended.
    private var openCount = 0
    /// Whether the last of them has not arrived as a whole.
    private var isArriving = false
    /// Whether who reads its body knows that.
    private var isTorn = false
    /// Whether an answer has begun and not ended.
    private var isAnswering = false
    /// Whether nothing more is read.
    private var isRefused = false
    /// What is said once those that arrived before are answered.
    private var refusal: Problem?
    /// Whether the last word is said.
    private var isOver = false

    init(_ settings: ServerSettings, names: RequestNames, date: DateHeader) {
        readTimeout = TimeAmount(settings.readTimeout)
        writeTimeout = TimeAmount(settings.writeTimeout)
        self.names = names
        self.date = date
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        switch unwrapInboundIn(data) {
        case .head:
            openCount += 1
            isArriving = true
        case .body: break
        case .end:
            isArriving = false
            reading?.cancel()
            reading = nil
        }
        context.fireChannelRead(data)
    }

    /// Watches a request that did not arrive at once: most do, and a timer for each would cost as much as routing it.
    func channelReadComplete(context: ChannelHandlerContext) {
        if isArriving, !isRefused, reading == nil {
            reading = schedule(readTimeout, context) { guarded, context in
                guarded.refuse(
                    Problem(.requestTimeout, .timeout, "the request took too long to arrive"), context)
            }
        }
        context.fireChannelReadComplete()
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        guard !isOver else {
            promise?.fail(ChannelError.ioOnClosedChannel)
            return
        }
        switch unwrapOutboundIn(data) {
        case .head(let head): isAnswering = head.status.kind != .informational
        case .body: break
        case .end:
            isAnswering = false
            openCount -= 1
        }
        context.write(data, promise: promise)
        if let refusal, isNext { answer(refusal, context) }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) {
        writing?.cancel()
        writing =
            context.channel.isWritable
            ? nil : schedule(writeTimeout, context) { _, context in context.close(promise: nil) }
        context.fireChannelWritabilityChanged()
    }

    func channelInactive(context: ChannelHandlerContext) {
        reading?.cancel()
        writing?.cancel()
        lingering?.cancel()
        endBody(context)
        context.fireChannelInactive()
    }

    /// Tells who reads a body that it will not come: they take the end of the connection for the end of the body, and would
    /// store what there is of it.
    private func endBody(_ context: ChannelHandlerContext) {
        guard isArriving, !isTorn else { return }
        isTorn = true
        context.fireErrorCaught(TornRequest())
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        guard !isRefused else { return }
        guard context.channel.isActive, let problem = Self.problem(of: error) else {
            isRefused = true
            reading?.cancel()
            endBody(context)
            return context.close(promise: nil)
        }
        refuse(problem, context)
    }

    /// Whether every request that arrived as a whole is answered, and the next word is about what came then.
    private var isNext: Bool { !isAnswering && openCount == (isArriving ? 1 : 0) }

    /// Reads no more, and says why after what is still to be answered.
    private func refuse(_ problem: Problem, _ context: ChannelHandlerContext) {
        isRefused = true
        reading?.cancel()
        defer { endBody(context) }
        if isNext { return answer(problem, context) }
        // An answer that began before its request had arrived says all that there is to say.
        guard openCount > (isArriving ? 1 : 0) else { return context.close(promise: nil) }
        refusal = problem
    }

    /// Answers what could not be taken, and ends the connection.
    private func answer(_ problem: Problem, _ context: ChannelHandlerContext) {
        isOver = true
        let name = names.name(given: nil)
        let reply = problem.reply(requestID: name)
        var head = HTTPResponse(status: reply.status, headerFields: reply.headers)
        head.headerFields.append(HTTPField(name: .date, value: date.text))
        head.headerFields.append(HTTPField(name: .requestID, value: name))
        head.headerFields.append(HTTPField(name: .connection, value: "close"))
        guard case .buffer(let body) = reply.body else { return context.close(promise: nil) }
        head.headerFields.append(HTTPField(name: .contentLength, value: String(body.readableBytes)))
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(body)), promise: nil)
        let end = NIOLoopBound(context, eventLoop: context.eventLoop)
        context.writeAndFlush(wrapOutboundOut(.end(nil))).flatMap {
            end.value.close(mode: .output)
        }.whenFailure { _ in end.value.close(promise: nil) }
        // A client that is still sending loses an answer that it has not read when the connection is cut.
        lingering = schedule(Self.lingeringTime, context) { _, context in context.close(promise: nil) }
    }

    private static let lingeringTime = TimeAmount.seconds(2)

    private static func problem(of error: any Error) -> Problem? {
        switch error {
        case let fault as RequestFault: fault.problem
        case HTTPParserError.headerOverflow:
            Problem(
                HTTPResponse.Status(code: 431, reasonPhrase: "Request Header Fields Too Large"), .invalid,
                "the headers are more, or larger, than this daemon takes")
        case is HTTPParserError:
            Problem(.badRequest, .invalid, "the request is not HTTP/1.1: \(error)")
        default: nil
        }
    }

    private func schedule(
        _ time: TimeAmount, _ context: ChannelHandlerContext,
        _ body: @escaping (ConnectionGuard, ChannelHandlerContext) -> Void
    ) -> Scheduled<Void> {
        let bound = NIOLoopBound((self, context, body), eventLoop: context.eventLoop)
        return context.eventLoop.scheduleTask(in: time) {
            let (guarded, context, body) = bound.value
            body(guarded, context)
        }
    }
}

/// The connection has ended before the whole of a request had arrived.
struct TornRequest: Error {}

extension TimeAmount {
    /// Whole nanoseconds, rounded towards zero, at most 73 years.
    init(_ duration: Duration) {
        let (seconds, attoseconds) = duration.components
        let (whole, isTooLong) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        self = .nanoseconds(isTooLong ? .max / 4 : min(whole, .max / 4) + attoseconds / 1_000_000_000)
    }
}
