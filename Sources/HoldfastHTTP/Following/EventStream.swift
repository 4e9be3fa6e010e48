internal import HTTPTypes
internal import Holdfast
internal import HoldfastModel
internal import HoldfastSupport
internal import HummingbirdCore
internal import NIOCore
internal import ServiceLifecycle

/// The items of a list as server-sent events, from a bookmark on, until the client goes or the daemon stops.
///
/// Each event has the item's id as its `id:`, so that a client that connects again goes on where it was. A client that
/// reads slowly holds up nothing but its own stream.
///
/// Source: WHATWG HTML, section 9.2.
struct EventStream: Sendable {
    private var items: FollowedItems.Iterator
    private let seat: FollowSeat
    private let place: Version?
    private let heartbeat: Duration

    /// How long a client waits before it connects again.
    private static let retry = Duration.seconds(1)
    /// A part of the stream is sent when it has so many bytes.
    private static let partByteCount = 64 << 10

    /// Begins to follow.
    ///
    /// - Parameters:
    ///   - items: what to follow.
    ///   - place: the id after which they begin; nothing for the first item.
    ///   - heartbeat: after how long without an event the client hears that the daemon is there.
    /// - Throws: `invalid` for a wrong namespace or key.
    init(_ items: FollowedItems, after place: Version?, heartbeat: Duration) throws(HoldfastError) {
        self.place = place
        self.items = items.makeAsyncIterator()
        self.heartbeat = heartbeat
        seat = try self.items.sit()
    }

    /// The answer.
    var reply: Reply {
        let stream = self
        var reply = Reply(
            .ok, .stream { writer in try await stream.write(to: &writer) }, type: Reply.MediaType.events)
        reply.headers[.cacheControl] = "no-store"
        reply.headers[.accelBuffering] = "no"
        return reply
    }

    @concurrent private func write(to writer: inout any ResponseBodyWriter) async throws {
        try await withGracefulShutdownHandler {
            var items = items
            try await writer.write(beginning)
            do {
                while !seat.isStopped {
                    let part = try await items.part(within: heartbeat)
                    if part.isEmpty, !seat.isStopped { try await writer.write(Self.heartbeat) }
                    try await Self.write(part, to: &writer)
                }
            } catch let error as HoldfastError {
                guard error.code != .cancelled else { throw error }
                try await writer.write(Self.problem(error))
            }
        } onGracefulShutdown: {
            seat.stop()
        }
    }

    /// Says where the client is, with an event that has no data and that no listener hears of: one that began at the latest
    /// item and loses the connection before the next comes back for what came meanwhile.
    private var beginning: ByteBuffer {
        var part: [UInt8] = []
        part += "retry: \(Int64(Self.retry / .milliseconds(1)))\n: following\n".utf8
        if let place {
            part.append(text: "id: ")
            part.append(hex: place)
            part.append(text: "\n")
        }
        part.append(text: "\n")
        return ByteBuffer(bytes: part)
    }

    @concurrent private static func write(
        _ items: ArraySlice<Item>, to writer: inout any ResponseBodyWriter
    ) async throws {
        var part: [UInt8] = []
        for item in items {
            write(item, &part)
            guard part.count >= partByteCount else { continue }
            try await writer.write(ByteBuffer(bytes: part))
            part.removeAll(keepingCapacity: true)
        }
        if !part.isEmpty { try await writer.write(ByteBuffer(bytes: part)) }
    }

    private static func write(_ item: Item, _ part: inout [UInt8]) {
        part.append(text: "id: ")
        part.append(hex: item.id)
        part.append(text: "\ndata: ")
        var body = JSONBody(capacity: item.bytes.count + 192)
        body.value(item)
        write(data: body.text, &part)
        part.append(text: "\n\n")
    }

    /// Writes data; JSON may have line breaks between its tokens, and an event has one line for each.
    private static func write(data: [UInt8], _ part: inout [UInt8]) {
        guard data.contains(where: { $0 == 10 || $0 == 13 }) else {
            part += data
            return
        }
        for byte in data {
            if byte == 10 || byte == 13 {
                part.append(text: "\ndata: ")
            } else {
                part.append(byte)
            }
        }
    }

    private static var heartbeat: ByteBuffer { ByteBuffer(string: ":\n\n") }

    /// What ended the stream: the client connects again, and may hear more then.
    private static func problem(_ error: HoldfastError) -> ByteBuffer {
        let problem = Problem(error, isTrusted: false)
        var part = ByteBuffer()
        part.writeStaticString("event: problem\ndata: ")
        var body = JSONBody()
        body.object { body in
            body.member("code", error.code.description)
            body.member("detail", problem.detail)
            body.member("retryable", error.flags.contains(.retryable))
        }
        part.writeBytes(body.text)
        part.writeStaticString("\n\n")
        return part
    }
}
