internal import CPostgreSQL
internal import HoldfastSupport

/// Asks the server to stop what a connection runs.
@safe struct PostgresCancel: @unchecked Sendable {
    // @unchecked: the object is libpq's own copy, which PQcancel may use on any thread.
    private let cancel: OpaquePointer

    /// Sends the request on a thread of its own: a server that hangs would hold the caller beyond its deadline.
    static func send(to connection: OpaquePointer) {
        guard let pointer = unsafe PQgetCancel(connection) else { return }
        let request = unsafe PostgresCancel(cancel: pointer)
        let isStarted = ThreadSpawner.system.spawn("pg-cancel") { request.run() }
        if !isStarted { request.free() }
    }

    private func run() {
        var text = [CChar](repeating: 0, count: 256)
        // A request that does not arrive changes nothing: the caller gives the connection up.
        _ = unsafe PQcancel(cancel, &text, Int32(text.count))
        free()
    }

    private func free() { unsafe PQfreeCancel(cancel) }
}
