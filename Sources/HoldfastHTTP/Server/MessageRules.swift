internal import HTTPTypes
internal import HoldfastModel
internal import NIOCore
internal import NIOHTTP1

/// Holds requests against what HTTP/1.1 asks of a message, and answers each client in the framing that it understands.
///
/// Stands in each connection's pipeline behind the parser, where the version of a request is still known.
///
/// Source: RFC 9112, sections 3.2, 6.1, 6.3 and 9.6; RFC 9110, section 9.3.2.
final class MessageRules: ChannelDuplexHandler {
    typealias InboundIn = HTTPServerRequestPart
    typealias InboundOut = HTTPServerRequestPart
    typealias OutboundIn = HTTPServerResponsePart
    typealias OutboundOut = HTTPServerResponsePart

    /// A request whose answer has not ended.
    private struct Exchange {
        let isHead: Bool
        /// HTTP/1.0: its client knows no chunks.
        let isOld: Bool
        let isLast: Bool
        /// Whether the parser's counterpart would end the answer with a chunk that a HEAD must not get.
        var isEndLeftOut = false
    }

    private var exchanges = CircularBuffer<Exchange>()
    private var isRefused = false

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard !isRefused else { return }
        guard case .head(var head) = unwrapInboundIn(data) else { return context.fireChannelRead(data) }
        let facts = HeadFacts(head.headers)
        let isOld = head.version.minor < 1
        if let fault = facts.fault(isOld: isOld) {
            isRefused = true
            return context.fireErrorCaught(fault)
        }
        let exchange = Exchange(
            isHead: head.method == .HEAD, isOld: isOld, isLast: isOld || facts.asksToClose)
        exchanges.append(exchange)
        guard exchange.isLast else { return context.fireChannelRead(data) }
        // The server looks for this one spelling.
        head.headers.replaceOrAdd(name: "Connection", value: "close")
        context.fireChannelRead(wrapInboundOut(.head(head)))
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        // Nothing: a request that the parser has refused is answered as well.
        guard let exchange = exchanges.first else { return context.write(data, promise: promise) }
        switch unwrapOutboundIn(data) {
        case .head(var head):
            guard head.status.code >= 200 else { break }
            if exchange.isOld { head.version = .http1_0 }
            if exchange.isLast { head.headers.replaceOrAdd(name: "Connection", value: "close") }
            exchanges[exchanges.startIndex].isEndLeftOut =
                exchange.isHead && !exchange.isOld && head.status.mayHaveResponseBody
                && !head.headers.contains(name: "Content-Length")
            return context.write(wrapOutboundOut(.head(head)), promise: promise)
        case .body: break
        case .end:
            exchanges.removeFirst()
            guard exchange.isEndLeftOut else { break }
            return context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer()))), promise: promise)
        }
        context.write(data, promise: promise)
    }
}

/// What the headers of a request say of the message, found in one pass: every request pays for it.
private struct HeadFacts {
    private var hostCount = 0
    private var isHostRight = true
    private var codingCount = 0
    private var isCodingRight = true
    /// Whether the connection is to end after the answer.
    private(set) var asksToClose = false

    init(_ headers: HTTPHeaders) {
        for (name, value) in headers {
            // Names of another length are neither.
            switch name.utf8.count {
            case 4 where name.lowercased() == "host":
                hostCount += 1
                isHostRight = isHostRight && value.utf8.allSatisfy(Self.isOfHost)
            case 10 where name.lowercased() == "connection":
                let options = value.split { $0 == "," || $0 == " " || $0 == "\t" }
                asksToClose = asksToClose || options.contains { $0.lowercased() == "close" }
            case 17 where name.lowercased() == "transfer-encoding":
                codingCount += 1
                isCodingRight = codingCount == 1 && value.lowercased() == "chunked"
            default: continue
            }
        }
    }

    /// What is wrong, or nothing.
    func fault(isOld: Bool) -> RequestFault? {
        guard isHostRight, hostCount == 1 || isOld && hostCount == 0 else { return .host }
        return isCodingRight ? nil : .coding
    }

    /// Source: RFC 3986, sections 3.2.2 and 3.2.3.
    private static func isOfHost(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "-._~%!$&'()*+,;=:[]".utf8.contains(byte)
        }
    }
}

/// What is wrong with a request that the parser has taken.
enum RequestFault: Error {
    /// There is no `Host`, more than one, or one that names no host.
    case host
    /// A transfer coding that this server does not know.
    case coding

    /// The refusal.
    var problem: Problem {
        switch self {
        case .host:
            Problem(.badRequest, .invalid, "the request has no Host, several, or one that names no host")
        case .coding:
            Problem(.notImplemented, .unsupported, "Transfer-Encoding is unknown, expected chunked or none")
        }
    }
}
