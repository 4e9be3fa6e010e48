import HoldfastHTTP
import HoldfastTestSupport
import NIOCore
import NIOPosix

/// A connection to a daemon, over which a test sends whatever bytes it likes.
final class HTTPConnection {
    private let outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    private var inbound: NIOAsyncChannelInboundStream<ByteBuffer>.AsyncIterator
    private var received: [UInt8] = []

    private init(
        _ inbound: NIOAsyncChannelInboundStream<ByteBuffer>,
        _ outbound: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) {
        self.inbound = inbound.makeAsyncIterator()
        self.outbound = outbound
    }

    /// Connects, lets a function talk, and closes.
    static func with<Result>(
        _ address: ListenAddress, _ body: (HTTPConnection) async throws -> Result
    ) async throws -> Result {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
        let channel: NIOAsyncChannel<ByteBuffer, ByteBuffer> =
            switch address {
            case .tcp(let host, let port):
                try await bootstrap.connect(host: host, port: port) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true))
                    }
                }
            case .unix(let path):
                try await bootstrap.connect(unixDomainSocketPath: path) { channel in
                    channel.eventLoop.makeCompletedFuture {
                        try NIOAsyncChannel(
                            wrappingChannelSynchronously: channel,
                            configuration: .init(isOutboundHalfClosureEnabled: true))
                    }
                }
            }
        return try await channel.executeThenClose { inbound, outbound in
            try await body(HTTPConnection(inbound, outbound))
        }
    }

    /// Sends bytes as they are.
    func send(_ bytes: [UInt8]) async throws { try await outbound.write(ByteBuffer(bytes: bytes)) }

    /// Sends text as it is; each `\n` of the text goes out as CR LF where it stands in the head.
    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    /// Says that nothing more is sent.
    func finish() async throws { outbound.finish() }

    /// The next answer.
    ///
    /// - Parameter isHead: whether the answer has no body, whatever its headers say.
    /// - Returns: nothing where the daemon closed the connection instead.
    /// - Throws: for what is no answer, or ends in the middle.
    func receive(isHead: Bool = false) async throws -> HTTPAnswer? {
        guard let head = try await read(until: Array("\r\n\r\n".utf8)) else { return nil }
        var answer = try HTTPAnswer(head: String(decoding: head, as: UTF8.self))
        guard answer.status >= 200 else { return answer }
        if isHead || answer.status == 204 || answer.status == 304 { return answer }
        // A stream of events has no end to wait for.
        if answer["content-type"] == "text/event-stream" { return answer }
        if answer["transfer-encoding"] == "chunked" {
            answer.isChunked = true
            while let line = try await read(until: [13, 10]) {
                let size = Int(String(decoding: line, as: UTF8.self), radix: 16) ?? 0
                guard size > 0 else { break }
                answer.body += try await read(count: size)
                _ = try await read(until: [13, 10])
            }
            _ = try await read(until: [13, 10])
        } else {
            answer.body = try await read(count: answer["content-length"].flatMap { Int($0) } ?? 0)
        }
        return answer
    }

    /// All bytes until the daemon closes the connection.
    func rest() async throws -> String {
        while try await more() {}
        return String(decoding: received, as: UTF8.self)
    }

    /// Whether the daemon closes the connection without another byte.
    func isClosed() async throws -> Bool {
        guard received.isEmpty else { return false }
        do {
            while let part = try await inbound.next(isolation: #isolation) {
                if part.readableBytes > 0 { return false }
            }
        } catch is IOError {
            return true
        }
        return true
    }

    private func read(until mark: [UInt8]) async throws -> [UInt8]? {
        var searched = 0
        while true {
            if let place = place(of: mark, from: searched) {
                let bytes = Array(received[..<place])
                received.removeFirst(place + mark.count)
                return bytes
            }
            searched = max(0, received.count - mark.count)
            guard try await more() else { return nil }
        }
    }

    private func place(of mark: [UInt8], from start: Int) -> Int? {
        guard received.count >= mark.count else { return nil }
        return (start...(received.count - mark.count)).first {
            received[$0..<$0 + mark.count].elementsEqual(mark)
        }
    }

    private func read(count: Int) async throws -> [UInt8] {
        while received.count < count {
            guard try await more() else {
                throw TestSupportError("the answer ends after \(received.count) of \(count) bytes")
            }
        }
        let bytes = Array(received.prefix(count))
        received.removeFirst(count)
        return bytes
    }

    private func more() async throws -> Bool {
        guard let part = try await inbound.next(isolation: #isolation) else { return false }
        received += part.readableBytesView
        return true
    }
}

/// An answer as it came over the wire.
struct HTTPAnswer: Sendable {
    let status: Int
    /// In the order in which they came, names in lower case.
    let headers: [(name: String, value: String)]
    var body: [UInt8] = []
    var isChunked = false

    init(head: String) throws {
        let lines = head.split(separator: "\r\n", omittingEmptySubsequences: false)
        let words = lines[0].split(separator: " ")
        guard words.count >= 2, words[0].hasPrefix("HTTP/1."), let status = Int(words[1]) else {
            throw TestSupportError("not an answer: \(lines[0])")
        }
        self.status = status
        headers = lines.dropFirst().map { line in
            let pair = line.split(separator: ":", maxSplits: 1)
            return (pair[0].lowercased(), String(pair.count > 1 ? pair[1].drop { $0 == " " } : ""))
        }
    }

    /// The value of a header.
    subscript(name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }

    /// The body as text.
    var text: String { String(decoding: body, as: UTF8.self) }
}
