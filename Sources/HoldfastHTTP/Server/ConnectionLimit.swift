internal import HummingbirdCore

/// How many connections an address takes at once, as the settings say by then.
///
/// Lives on the event loop of the listening socket, which counts.
struct ConnectionLimit: AvailableConnectionsDelegate {
    private let live: LiveSettings
    private var count = 0

    init(_ live: LiveSettings) { self.live = live }

    mutating func connectionOpened() { count += 1 }
    mutating func connectionClosed() { count -= 1 }
    func isAcceptingNewConnections() -> Bool { count < live.current.connectionCountMax }
}
