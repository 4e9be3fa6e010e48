internal import HoldfastModel

/// How a daemon is set up.
package struct DaemonOptions: Sendable {
    /// Where it listens, at least one.
    package var addresses: [ListenAddress]
    /// What bounds it.
    package var settings = ServerSettings()
    /// Who may come in over the network; nothing needs no token.
    package var tokens: TokenFile?
    /// Whether to listen beyond this machine without tokens.
    package var isInsecure = false
    /// The files of a certificate and its key, in PEM.
    package var certificate: (path: String, keyPath: String)?
    /// Hear of each request that has been answered.
    package var observers: [any RequestObserver] = []
    /// Where the span of each request goes, or nothing.
    package var tracer: TraceFile?

    /// Makes options.
    package init(_ addresses: [ListenAddress]) { self.addresses = addresses }

    /// Refuses to be open to others by mistake.
    ///
    /// - Throws: `invalid` for an address beyond this machine without tokens.
    func checkReach() throws(HoldfastError) {
        guard tokens == nil, !isInsecure, let open = addresses.first(where: { !$0.isLocal }) else { return }
        throw HoldfastError(
            .invalid,
            "\(open) can be reached from other machines and no token is set: make one with \"holdfast token\" and name its file under server.tokens, or say \"insecure: true\""
        )
    }
}
