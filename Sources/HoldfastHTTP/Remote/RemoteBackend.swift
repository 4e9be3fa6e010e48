internal import Holdfast
package import HoldfastChain
package import HoldfastModel
internal import NIOCore
internal import NIOPosix

/// A backend that a daemon on this machine has open, reached over its Unix socket.
///
/// Each call takes a connection of its own, so that calls at once are still written together by the daemon; connections are
/// kept for the next call.
package actor RemoteBackend: WholeBackend {
    /// The name in storage.yaml.
    package nonisolated let name: String
    /// What the daemon's storage.yaml says of indexes of words, as `HistoryStore` takes it.
    package nonisolated let wordIndexes: [String: Set<String>]?
    private let path: String
    private let promises: Guarantees
    private var idle: [BackendConnection]
    private var isClosed = false

    /// How long a call without a deadline of its own may take, and how much longer than its deadline one may: then the
    /// daemon is taken for stuck.
    private static let patience = Duration.seconds(60)
    /// How long whoever listens may take to show that it is a daemon: a moment, and much longer on a machine that is busy.
    package static let greetingTimeout = Duration.seconds(10)
    /// How long a collection of blobs may take.
    private static let collectionTimeout = Duration.seconds(86_400)

    /// Connects to a daemon.
    ///
    /// - Parameters:
    ///   - path: of its socket.
    ///   - timeout: how long whoever listens may take to show that it is a daemon.
    /// - Returns: nothing where nobody listens there.
    /// - Throws: `permission` when this user may not connect, `unavailable` when what listens does not answer, or is no
    ///   daemon of this version.
    package static func connect(
        to path: String, greetingWithin timeout: Duration = greetingTimeout
    ) async throws(HoldfastError) -> RemoteBackend? {
        guard let connection = try await BackendConnection.open(path) else { return nil }
        do throws(HoldfastError) {
            try await connection.greet(at: path, within: timeout)
        } catch {
            await connection.close()
            throw error
        }
        let reply = try await connection.exchange(.status, within: patience)
        switch reply {
        case .status(let status, let guarantees, let wordIndexes):
            return RemoteBackend(
                name: status.name, path: path, guarantees, wordIndexes: wordIndexes, connection)
        case .failure(let error): throw error
        default: throw Self.unexpected(reply)
        }
    }

    private init(
        name: String, path: String, _ guarantees: Guarantees, wordIndexes: [String: Set<String>]?,
        _ connection: BackendConnection
    ) {
        self.name = name
        self.wordIndexes = wordIndexes
        self.path = path
        promises = guarantees
        idle = [connection]
    }

    private func exchange(_ call: BackendCall, _ timeout: Duration?) async throws(HoldfastError)
        -> BackendReply
    {
        guard !isClosed else { throw HoldfastError(.unavailable, "\(name) is closed") }
        let connection = try await take()
        let reply = try await connection.exchange(call, within: (timeout ?? .zero) + Self.patience)
        if isClosed { await connection.close() } else { idle.append(connection) }
        if case .failure(let error) = reply { throw error }
        return reply
    }

    private func take() async throws(HoldfastError) -> BackendConnection {
        while let connection = idle.popLast() {
            if connection.isOpen { return connection }
        }
        guard let connection = try await BackendConnection.open(path) else {
            throw HoldfastError(.unavailable, "the daemon at \(path) is gone")
        }
        return connection
    }

    private static func unexpected(_ reply: BackendReply) -> HoldfastError {
        HoldfastError(.internal, "the daemon answered another question than the one it was asked")
    }
}

extension RemoteBackend {
    /// See `Backend`.
    package var guarantees: Guarantees { promises }

    /// See `Backend`.
    package func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt {
        let reply = try await exchange(.write(request), request.timeout)
        guard case .receipt(let receipt) = reply else { throw Self.unexpected(reply) }
        return receipt
    }

    /// See `Backend`.
    package func read(
        _ requests: [ReadRequest], _ options: CallOptions
    ) async throws(HoldfastError) -> ReadAnswer {
        let reply = try await exchange(.read(requests, options), options.timeout)
        guard case .answer(let answer) = reply else { throw Self.unexpected(reply) }
        return answer
    }

    /// See `Backend`.
    package func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await records(.query(query, options), options)
    }

    /// See `Backend`.
    package func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        try await records(.select(query, options), options)
    }

    /// See `Backend`.
    package func invoke(
        _ call: DomainCall, _ options: CallOptions
    ) async throws(HoldfastError) -> ReadAnswer? {
        guard promises.operations.contains(call.operation) else { return nil }
        let reply = try await exchange(.invoke(call, options), options.timeout)
        switch reply {
        case .answer(let answer): return answer
        case .declined: return nil
        default: throw Self.unexpected(reply)
        }
    }

    private func records(
        _ call: BackendCall, _ options: CallOptions
    ) async throws(HoldfastError) -> QueryAnswer {
        let reply = try await exchange(call, options.timeout)
        guard case .records(let answer) = reply else { throw Self.unexpected(reply) }
        return answer
    }

    /// See `Backend`.
    package func flush(_ options: CallOptions) async throws(HoldfastError) {
        let reply = try await exchange(.flush(options), options.timeout)
        guard case .done = reply else { throw Self.unexpected(reply) }
    }

    /// See `Backend`.
    package func collectBlobs(
        _ collection: BlobCollection, _ options: CallOptions
    ) async throws(HoldfastError) -> BlobReport {
        // Reads every record, however many there are.
        let reply = try await exchange(.collectBlobs(collection, options), Self.collectionTimeout)
        guard case .blobs(let report) = reply else { throw Self.unexpected(reply) }
        return report
    }

    /// See `Backend`; a daemon that is gone is a backend that is down.
    package func status() async -> BackendStatus {
        do throws(HoldfastError) {
            let reply = try await exchange(.status, nil)
            guard case .status(let status, _, _) = reply else { throw Self.unexpected(reply) }
            return status
        } catch {
            let daemon = BackendStatus.Member(
                name: name, type: "daemon", role: "primary", state: "down", lastError: error.description)
            return BackendStatus(name: name, isWritable: false, isReadable: false, members: [daemon])
        }
    }

    /// Closes the connections; the daemon goes on.
    package func close() async {
        isClosed = true
        for connection in idle { await connection.close() }
        idle = []
    }
}
