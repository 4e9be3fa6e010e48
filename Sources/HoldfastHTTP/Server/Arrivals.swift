internal import NIOCore

/// Connections that were accepted and that nobody has begun to answer yet.
///
/// A connection that arrives while the daemon stops is ended as well: one that is let go of without a word ends the
/// process, since the writer of an async channel must be finished before it goes.
struct Arrivals: Sendable {
    /// The connections in the order of their arrival; ends after ``finish()``, once each was taken.
    let stream: AsyncStream<Listener.Connection>
    private let continuation: AsyncStream<Listener.Connection>.Continuation

    init() { (stream, continuation) = AsyncStream.makeStream() }

    /// Adds a connection, or ends it where none are taken any more.
    func add(_ connection: Listener.Connection) {
        if case .terminated = continuation.yield(connection) { Task { await Self.end(connection) } }
    }

    /// Takes no more.
    func finish() { continuation.finish() }

    /// Ends those that nobody will answer.
    func turnAway() {
        finish()
        Task { [stream] in
            for await connection in stream { await Self.end(connection) }
        }
    }

    private static func end(_ connection: Listener.Connection) async {
        // That the connection is broken already is as good.
        try? await connection.executeThenClose { _, _ in }
    }
}
