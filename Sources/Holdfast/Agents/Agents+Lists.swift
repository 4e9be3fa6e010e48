public import HoldfastChain
public import HoldfastModel
internal import HoldfastSupport

extension Agents {
    /// Appends a history window: what was in the model's context before it was compressed.
    ///
    /// - Parameters:
    ///   - window: a JSON object with a whole `timestamp`; two of one millisecond are two windows.
    ///   - agent: whose.
    ///   - options: how it is made safe.
    /// - Returns: a receipt with the window's id.
    /// - Throws: `invalid` for what is no window.
    @discardableResult
    public func saveHistoryWindow(
        _ window: Bytes, of agent: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await append(window, "the window", to: .windows, of: agent, options)
    }

    /// Reads every history window of an agent in the order of `timestamp`; those of one millisecond as they arrived.
    public func loadHistoryWindows(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentEntry, ListRange> {
        try await byTimestamp(.windows, of: agent, options)
    }

    /// Appends a compression record: what a window was compressed to.
    ///
    /// - Parameters:
    ///   - record: a JSON object with a whole `timestamp`; two of one millisecond are two records.
    ///   - agent: whose.
    ///   - options: how it is made safe.
    /// - Returns: a receipt with the record's id.
    /// - Throws: `invalid` for what is no compression record.
    @discardableResult
    public func saveCompressionRecord(
        _ record: Bytes, of agent: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        try await append(record, "the compression record", to: .compressions, of: agent, options)
    }

    /// Reads every compression record of an agent in the order of `timestamp`.
    public func loadCompressionRecords(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentEntry, ListRange> {
        try await byTimestamp(.compressions, of: agent, options)
    }

    /// Appends a recovered file: what a file held when its content left the context.
    ///
    /// - Parameters:
    ///   - file: a JSON object with a `path` and a whole `timestamp`; any path, and the same more than once.
    ///   - agent: whose.
    ///   - options: how it is made safe.
    /// - Returns: a receipt with the file's id.
    /// - Throws: `invalid` for what is no recovered file.
    @discardableResult
    public func saveRecoveredFile(
        _ file: Bytes, of agent: String, _ options: WriteOptions = .standard
    ) async throws(HoldfastError) -> Receipt {
        _ = try AgentShape(file, as: "the recovered file").name("path", such: "/repo/README.md")
        return try await append(file, "the recovered file", to: .files, of: agent, options)
    }

    /// Reads every recovered file of an agent in the order of `timestamp`.
    public func loadRecoveredFiles(
        of agent: String, _ options: CallOptions = CallOptions()
    ) async throws(HoldfastError) -> Page<AgentEntry, ListRange> {
        try await byTimestamp(.files, of: agent, options)
    }
}

extension Agents {
    private func append(
        _ json: Bytes, _ noun: String, to place: Place, of agent: String, _ options: WriteOptions
    ) async throws(HoldfastError) -> Receipt {
        try await measured(.save) { () async throws(HoldfastError) in
            let key = try key(agent)
            _ = try AgentShape(json, as: noun).integer("timestamp", such: 1_767_325_300_000)
            return try await lists(place).append(.json(json), to: key, options)
        }
    }

    /// Reads a whole list of an agent, oldest first.
    func all(
        _ place: Place, of agent: String, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<AgentEntry, ListRange> {
        try await measured(.load) { () async throws(HoldfastError) in
            let key = try key(agent)
            var entries: [AgentEntry] = []
            var source = ""
            var degradations: [Degradation] = []
            var range: ListRange? = ListRange(.ascending, limit: Scan.streamPageCount)
            while let asked = range {
                let page = try await lists(place).page(of: key, asked, options)
                entries += page.elements.map { AgentEntry($0, of: agent) }
                source = page.source
                for degradation in page.degradations where !degradations.contains(degradation) {
                    degradations.append(degradation)
                }
                range = page.next
            }
            return Page(entries, next: nil, source: source, degradations: degradations)
        }
    }

    func page(
        _ place: Place, of agent: String, _ range: ListRange, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<AgentEntry, ListRange> {
        try await measured(.load) { () async throws(HoldfastError) in
            try await lists(place).page(of: try key(agent), range, options)
                .mapPage { AgentEntry($0, of: agent) }
        }
    }

    /// Reads a whole list in the order of a time that the caller wrote.
    private func byTimestamp(
        _ place: Place, of agent: String, _ options: CallOptions
    ) async throws(HoldfastError) -> Page<AgentEntry, ListRange> {
        let page = try await all(place, of: agent, options)
        // What cannot be read as such, because somebody else wrote it, comes first and hides nothing.
        let times = page.map { (try? JSONNode($0.json.array))?["timestamp"]?.integer ?? .min }
        let order = page.indices.sorted { (times[$0], $0) < (times[$1], $1) }
        return Page(
            order.map { page[$0] }, next: nil, source: page.source, degradations: page.degradations)
    }
}
