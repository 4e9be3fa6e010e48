internal import CPostgreSQL
internal import HoldfastProviderKit

extension PostgresConnection {
    /// Settings of each session that only speed up, or only guard: a server that lacks one does without.
    ///
    /// Every statement of this plugin reads along the primary key or an index; without these the planner would
    /// read a whole table, or sort a whole namespace for one page of it, as long as it has no statistics.
    private static let tuning = [
        "enable_seqscan = off", "enable_bitmapscan = off", "enable_hashjoin = off", "enable_mergejoin = off",
        "plan_cache_mode = force_generic_plan", "jit = off", "client_min_messages = error",
    ]

    /// Connects to the first server that will do.
    ///
    /// - Throws: `permission` where a server refuses the user, else `unavailable`; never with a password.
    static func open(
        _ options: PostgresOptions, host: HostServices, call: CallContext
    ) throws(ProviderError) -> PostgresConnection {
        try call.check(host)
        guard PQisthreadsafe() == 1 else {
            throw ProviderError(.unsupported, "this libpq was built without threads")
        }
        var keywords = options.settings
        if call.deadline != 0 {
            // libpq counts in seconds, and takes less than two for two.
            let left = max(1, (call.deadline - host.monotonicNanoseconds) / 1_000_000_000)
            let bound = min(left, options.connectTimeout.components.seconds)
            keywords.append(PostgresOptions.Setting(keyword: "connect_timeout", value: String(bound)))
        }
        let handle = unsafe connect(keywords)
        guard let handle = unsafe handle else {
            throw ProviderError(.exhausted, "there is no memory to connect")
        }
        guard unsafe PQstatus(handle) == CONNECTION_OK else {
            defer { unsafe PQfinish(handle) }
            throw unsafe refusal(handle, options)
        }
        let connection = unsafe PostgresConnection(connected: handle, host: host)
        try connection.startPipeline()
        let (seconds, attoseconds) = options.statementTimeout.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        let bounds = ["statement_timeout", "idle_in_transaction_session_timeout"].map {
            "\($0) = \(milliseconds)"
        }
        let settings = (tuning + bounds).map { PostgresRequest(sql: "SET \($0)") }
        do throws(ProviderError) {
            try connection.run(settings, call: call)
        } catch {
            if connection.isDead { throw error }
            // One that this server lacks has undone them all: one by one, then.
            for setting in tuning + bounds { try connection.attempt("SET \(setting)", call: call) }
        }
        return connection
    }

    private static func connect(_ settings: [PostgresOptions.Setting]) -> OpaquePointer? {
        // A later keyword wins over an earlier one, and so over what the connection string says of it.
        let keywords = unsafe settings.map { unsafe copied($0.keyword) }
        let texts = unsafe settings.map { unsafe copied($0.value) }
        defer {
            unsafe keywords.forEach { unsafe $0.deallocate() }
            unsafe texts.forEach { unsafe $0.deallocate() }
        }
        let names = unsafe keywords.map { unsafe Optional(UnsafePointer($0)) } + [nil]
        let contents = unsafe texts.map { unsafe Optional(UnsafePointer($0)) } + [nil]
        return unsafe PQconnectdbParams(names, contents, 1)
    }

    private static func copied(_ text: String) -> UnsafeMutablePointer<CChar> {
        let bytes = Array(text.utf8CString)
        let copy = UnsafeMutablePointer<CChar>.allocate(capacity: bytes.count)
        unsafe copy.initialize(from: bytes, count: bytes.count)
        return unsafe copy
    }

    /// Why no server would do; libpq gives a text for it, and no SQLSTATE.
    private static func refusal(_ handle: OpaquePointer, _ options: PostgresOptions) -> ProviderError {
        var text = PostgresText.sentence(unsafe String(cString: PQerrorMessage(handle)))
        for secret in options.secrets(unsafe PQpass(handle).map { unsafe String(cString: $0) }) {
            text = PostgresText.text(text, hiding: secret)
        }
        let isRefused =
            unsafe PQconnectionNeedsPassword(handle) == 1 || text.contains("authentication failed")
            || text.contains("no pg_hba.conf entry") || text.contains("requires a valid client certificate")
            || text.contains("permission denied for database")
            || (text.contains("role \"") && text.contains("does not exist"))
            || (text.contains("database \"") && text.contains("does not exist"))
        if text.contains("too many clients") || text.contains("connection slots") {
            return ProviderError(.exhausted, "cannot connect: \(text)", retryAfterMilliseconds: 1000)
        }
        let isInvalid =
            text.contains("invalid connection option")
            || (text.contains("invalid ") && text.contains(" value: \""))
        return ProviderError(
            isInvalid ? .invalid : isRefused ? .permission : .unavailable, "cannot connect: \(text)")
    }
}
