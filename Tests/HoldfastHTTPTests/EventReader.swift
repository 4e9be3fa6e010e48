import HoldfastHTTP
import HoldfastTestSupport
import NIOCore
import NIOHTTP1
import NIOPosix

/// One server-sent event.
struct ServerEvent: Sendable {
    var id = ""
    var name = "message"
    var data = ""
}

/// A client of server-sent events: one connection, one stream.
enum EventReader {
    /// What a function that gets events says.
    enum Step {
        case more
        /// Leave without a word, as a client does that is killed.
        case enough
    }

    /// Reads a stream until it ends, or until enough was read.
    ///
    /// - Parameters:
    ///   - address: of the daemon.
    ///   - target: percent-encoded.
    ///   - last: the id of the last event that the client has.
    ///   - opened: called once the answer has begun.
    ///   - body: gets each event, and each comment as an event that has no data.
    /// - Returns: the status of the answer.
    /// - Throws: when the connection fails.
    static func read(
        _ address: ListenAddress, _ target: String, after last: String? = nil,
        opened: () -> Void = {}, _ body: (ServerEvent) throws -> Step
    ) async throws -> UInt {
        let channel = try await connect(address)
        return try await channel.executeThenClose { inbound, outbound in
            var headers = HTTPHeaders([("Host", "test"), ("Accept", "text/event-stream")])
            if let last { headers.add(name: "Last-Event-ID", value: last) }
            try await outbound.write(
                .head(HTTPRequestHead(version: .http1_1, method: .GET, uri: target, headers: headers)))
            try await outbound.write(.end(nil))
            var status: UInt = 0
            var pending = ByteBuffer()
            for try await part in inbound {
                switch part {
                case .head(let head):
                    status = head.status.code
                    opened()
                case .body(var bytes):
                    pending.writeBuffer(&bytes)
                    while let event = event(in: &pending) {
                        if try body(event) == .enough { return status }
                    }
                    pending.discardReadBytes()
                case .end: return status
                }
            }
            return status
        }
    }

    private static func connect(
        _ address: ListenAddress
    ) async throws -> NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart> {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        let setUp = { @Sendable (channel: any Channel) in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHTTPClientHandlers()
                return try NIOAsyncChannel<HTTPClientResponsePart, HTTPClientRequestPart>(
                    wrappingChannelSynchronously: channel)
            }
        }
        return switch address {
        case .tcp(let host, let port):
            try await bootstrap.connect(host: host, port: port, channelInitializer: setUp)
        case .unix(let path):
            try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: setUp)
        }
    }

    private static func event(in buffer: inout ByteBuffer) -> ServerEvent? {
        let view = buffer.readableBytesView
        var searched = view.startIndex
        while let line = view[searched...].firstIndex(of: 10) {
            searched = line + 1
            guard searched < view.endIndex, view[searched] == 10 else { continue }
            guard let text = buffer.readString(length: line - view.startIndex) else { return nil }
            buffer.moveReaderIndex(forwardBy: 2)
            return event(text)
        }
        return nil
    }

    private static func event(_ text: String) -> ServerEvent {
        var event = ServerEvent()
        var data: [Substring] = []
        for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
            if line.hasPrefix("id: ") {
                event.id = String(line.dropFirst(4))
            } else if line.hasPrefix("data: ") {
                data.append(line.dropFirst(6))
            } else if line.hasPrefix("event: ") {
                event.name = String(line.dropFirst(7))
            }
        }
        event.data = data.joined(separator: "\n")
        return event
    }
}
