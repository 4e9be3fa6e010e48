public import HoldfastModel

/// What the Swift API writes to and reads from: a chain, or one provider without a log.
public protocol Backend: Sendable {
    /// The name in storage.yaml.
    var name: String { get }
    /// What the backend promises.
    var guarantees: Guarantees { get async }
    /// Stores the changes of one request, all or none.
    ///
    /// - Throws: `conflict`, `notFound` or `invalid`: nothing is stored, now or later. `unavailable`, `timeout` or
    ///   `exhausted`: likewise, unless the error has the flag `maybeApplied`; then a retry with the same idempotency
    ///   key is safe.
    func write(_ request: WriteRequest) async throws(HoldfastError) -> WriteReceipt
    /// Answers questions about documents and lists.
    func read(_ requests: [ReadRequest], _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer
    /// Scans a namespace.
    func query(_ query: Query, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer
    /// Answers a query with filters, order, paging, counts and groups.
    ///
    /// - Parameters:
    ///   - query: JSON text of the language of `docs/reference/queries.md`.
    ///   - options: how long it may take.
    /// - Returns: the records in the order asked for, or rows as the values of records.
    /// - Throws: `invalid` for a text that is no query; `exhausted` for more groups than the language allows.
    func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer
    /// Lets a provider answer an operation of the domain whole.
    ///
    /// Only where what the provider holds is all there is: with changes over it that it has not applied yet, nobody is
    /// asked.
    ///
    /// - Parameters:
    ///   - call: the operation; those that may be answered are in ``Guarantees/operations``.
    ///   - options: how long it may take.
    /// - Returns: for each part its records or rows; nothing where the host must ask the parts itself.
    /// - Throws: what the provider throws; `corrupt` or `internal` for an answer that is not one of this call.
    func invoke(_ call: DomainCall, _ options: CallOptions) async throws(HoldfastError) -> ReadAnswer?
    /// Waits until every provider that can be reached has everything that was acknowledged, durably.
    func flush(_ options: CallOptions) async throws(HoldfastError)
    /// Removes large contents that are kept apart and that nothing refers to any more.
    ///
    /// - Throws: `unsupported` for a backend that does not see what refers to them.
    func collectBlobs(
        _ collection: BlobCollection, _ options: CallOptions
    ) async throws(HoldfastError) -> BlobReport
    /// How the backend is.
    func status() async -> BackendStatus
    /// Finishes what runs, gives backups a last chance, closes.
    func close() async
}

extension Backend {
    /// Refuses: a backend that stores records knows nothing of references in them.
    public func collectBlobs(
        _ collection: BlobCollection, _ options: CallOptions
    ) async throws(HoldfastError) -> BlobReport {
        throw HoldfastError(
            .unsupported,
            "\(name) does not see which large contents are in use: collect on the whole store, where they are kept apart"
        )
    }

    /// Leaves every operation to the host.
    public func invoke(
        _ call: DomainCall, _ options: CallOptions
    ) async throws(HoldfastError) -> ReadAnswer? {
        nil
    }

    /// Scans, page by page.
    public func select(_ query: Bytes, _ options: CallOptions) async throws(HoldfastError) -> QueryAnswer {
        var answer = QueryAnswer(records: [], source: name)
        answer.records = try await SelectScan(query).run { page throws(HoldfastError) in
            let part = try await self.query(page, options)
            answer.source = part.source
            for degradation in part.degradations where !answer.degradations.contains(degradation) {
                answer.degradations.append(degradation)
            }
            return part.records
        }
        return answer
    }
}

/// When a write is answered.
public enum AckLevel: String, Hashable, Sendable, Comparable, CaseIterable {
    /// The log is durable; the primary follows, reads overlay it.
    case log
    /// The log is durable and the primary has it.
    case primary
    /// Every backup has it as well.
    case all

    /// Weaker before stronger.
    public static func < (left: AckLevel, right: AckLevel) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .log: 0
        case .primary: 1
        case .all: 2
        }
    }
}

/// How long a call may take.
public struct CallOptions: Hashable, Sendable {
    /// Counted from the call; nothing means the backend's default.
    public var timeout: Duration?

    /// Makes options.
    public init(timeout: Duration? = nil) { self.timeout = timeout }
}

/// The changes of one request.
public struct WriteRequest: Hashable, Sendable {
    /// A client-chosen text; the first write with it wins, later ones get the first answer.
    public struct IdempotencyKey: Hashable, Sendable {
        /// What the key is unique in.
        public var scope: Address
        /// The text.
        public var text: Bytes

        /// Makes a key.
        public init(scope: Address, text: Bytes) {
            self.scope = scope
            self.text = text
        }
    }

    /// What is done, in order.
    ///
    /// A put whose version is zero gets one assigned, and as a new item its id as well; a drop whose version
    /// is zero is at "now"; one with a version keeps it.
    public var changes: [Change]
    /// See ``IdempotencyKey-swift.struct``.
    public var idempotencyKey: IdempotencyKey?
    /// Nothing means the backend's default.
    public var ack: AckLevel?
    /// Counted from the call; nothing means the backend's default.
    public var timeout: Duration?

    /// Makes a request.
    public init(
        _ changes: [Change], idempotencyKey: IdempotencyKey? = nil, ack: AckLevel? = nil,
        timeout: Duration? = nil
    ) {
        self.changes = changes
        self.idempotencyKey = idempotencyKey
        self.ack = ack
        self.timeout = timeout
    }
}

/// What an answer had to do without.
public enum Degradation: Hashable, Sendable, CustomStringConvertible {
    /// The primary is down; the write is safe in the log and follows when it returns.
    case primaryDown
    /// The read came from a backup, with the log laid over it.
    case fallback(String)
    /// Other hosts write too, and what they wrote since the outage began is not in this answer.
    case hostLocal
    /// The log is damaged: what it holds and the primary does not is missing from the answer.
    case logDamaged
    /// The id may change when the write reaches the primary.
    case idMayChange
    /// A backup that the asked level needs has not taken the write in time.
    case backupBehind(String)
    /// Large contents are kept apart where the query looks, and it did not look into them.
    case contentsApart

    /// The word used in headers and JSON.
    public var description: String {
        switch self {
        case .primaryDown: "primary_down"
        case .fallback(let name): "fallback:\(name)"
        case .hostLocal: "host_local"
        case .logDamaged: "log_damaged"
        case .idMayChange: "id_may_change"
        case .backupBehind(let name): "backup_behind:\(name)"
        case .contentsApart: "contents_apart"
        }
    }
}

/// What a successful write answers.
public struct WriteReceipt: Hashable, Sendable {
    /// For each change the version that it got: for a new item, its id.
    public var versions: [Version]
    /// Whether this is the answer of an earlier write with the same idempotency key.
    public var isReplay: Bool
    /// The level that was reached.
    public var level: AckLevel
    /// What the write had to do without.
    public var degradations: [Degradation]

    /// Makes a receipt.
    public init(
        versions: [Version], isReplay: Bool = false, level: AckLevel, degradations: [Degradation] = []
    ) {
        self.versions = versions
        self.isReplay = isReplay
        self.level = level
        self.degradations = degradations
    }
}

/// The answers to many questions, and where they come from.
public struct ReadAnswer: Hashable, Sendable {
    /// For each question, its records.
    public var results: [[Record]]
    /// The provider that answered.
    public var source: String
    /// What the read had to do without.
    public var degradations: [Degradation]

    /// Makes an answer.
    public init(results: [[Record]], source: String, degradations: [Degradation] = []) {
        self.results = results
        self.source = source
        self.degradations = degradations
    }
}

/// One page of a scan, and where it comes from.
public struct QueryAnswer: Hashable, Sendable {
    /// In (key, id) order.
    public var records: [Record]
    /// The provider that answered.
    public var source: String
    /// What the scan had to do without.
    public var degradations: [Degradation]
    /// Whether the host read everything that a query is about, because the provider left the query to it.
    public var isScanned: Bool

    /// Makes an answer.
    public init(
        records: [Record], source: String, degradations: [Degradation] = [], isScanned: Bool = false
    ) {
        self.records = records
        self.source = source
        self.degradations = degradations
        self.isScanned = isScanned
    }
}

/// What a backend promises.
public struct Guarantees: Hashable, Sendable {
    /// The changes of one request are applied all or none for every reader; else a reader may see a part for a moment.
    public var isAtomic: Bool
    /// A write that was answered survives a power loss.
    public var isDurable: Bool
    /// Several hosts may use it at once.
    public var isShared: Bool
    /// Operations of the domain that a provider of it may answer whole, by name.
    public var operations: Set<String>

    /// Makes guarantees.
    public init(isAtomic: Bool, isDurable: Bool, isShared: Bool, operations: Set<String> = []) {
        self.isAtomic = isAtomic
        self.isDurable = isDurable
        self.isShared = isShared
        self.operations = operations
    }
}

/// How a backend is.
public struct BackendStatus: Hashable, Sendable {
    /// How one provider of it is.
    public struct Member: Hashable, Sendable {
        /// The name in storage.yaml.
        public var name: String
        /// The `type:` in storage.yaml.
        public var type: String
        /// `primary`, `backup` or `log`.
        public var role: String
        /// One word, such as `up`, `down`, `catching_up`, `read_only`.
        public var state: String
        /// The LSN that it has applied; for a log the last one.
        public var mark: UInt64
        /// How many entries it is behind.
        public var lag: UInt64
        /// How long the oldest entry that it lacks has waited, as far as it is known.
        public var lagDuration: Duration?
        /// What is wrong with it, or was wrong last with one that is up, without secrets.
        public var lastError: String?
        /// When that was, in Unix milliseconds.
        public var lastErrorTime: Int64?
        /// More figures, such as the bytes of a log, by name.
        public var figures: [String: Double]

        /// Makes a member.
        public init(
            name: String, type: String, role: String, state: String, mark: UInt64 = 0, lag: UInt64 = 0,
            lagDuration: Duration? = nil, lastError: String? = nil, lastErrorTime: Int64? = nil,
            figures: [String: Double] = [:]
        ) {
            self.name = name
            self.type = type
            self.role = role
            self.state = state
            self.mark = mark
            self.lag = lag
            self.lagDuration = lagDuration
            self.lastError = lastError
            self.lastErrorTime = lastErrorTime
            self.figures = figures
        }
    }

    /// The name in storage.yaml.
    public var name: String
    /// Whether writes are taken.
    public var isWritable: Bool
    /// Whether reads are answered.
    public var isReadable: Bool
    /// In the order of storage.yaml, the log last.
    public var members: [Member]

    /// Makes a status.
    public init(name: String, isWritable: Bool, isReadable: Bool, members: [Member]) {
        self.name = name
        self.isWritable = isWritable
        self.isReadable = isReadable
        self.members = members
    }
}
