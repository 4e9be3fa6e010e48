import Holdfast
import HoldfastModel
import HoldfastSupport

/// Shows, on conversations made for it, that nothing is lost or doubled whatever is done to the backends.
struct Demonstration: Sendable {
    private static let outageSession = "sample/outage#0"
    private static let outageMessage: Bytes = #"{"role": "user", "content": "Are you still there?"}"#
    private static let waitMax = Duration.seconds(60)

    private let directory: ScratchDirectory
    private var report: DemoReport
    private var sample: StoredSample
    private let executable: String

    /// Prepares a directory: a configuration, the sample, and one configuration for each backend on its own.
    init(in directory: ScratchDirectory, _ report: DemoReport) throws(HoldfastError) {
        self.directory = directory
        self.report = report
        let lines = SampleConversations.lines()
        sample = StoredSample(lines)
        executable = try ChildProcess.ownExecutable
        try directory.write(lines.flatMap(\.encoded), to: "sample.jsonl")
        try directory.write(Array(DemoConfiguration.chain.utf8), to: "storage.yaml")
        try directory.write(Array(DemoConfiguration.single("primary").utf8), to: "primary.yaml")
        try directory.write(Array(DemoConfiguration.single("backup").utf8), to: "backup.yaml")
    }

    /// Does everything, in order.
    ///
    /// - Throws: `corrupt` as soon as something is not as it should be.
    mutating func run() async throws {
        let acknowledged = try killImport()
        try await recover(acknowledged)
        try importAgain()
        try await losePrimary()
        try await bringPrimaryBack()
        try await lookAtEach()
    }

    private mutating func killImport() throws -> [String: Int] {
        let sessions = Quantity.count(sample.messages.count, of: "conversation")
        try report.step(
            "Import \(Quantity.count(sample.messageCount, of: "message")) of \(sessions), and kill the import in the middle"
        )
        let child = try ChildProcess.start(
            executable,
            [
                "import", directory.file("sample.jsonl"), "--config", directory.file("storage.yaml"),
                "--batch", "8", "--json",
            ])
        var reader = LineReader(child.output)
        var acknowledged: [String: Int] = [:]
        while acknowledged.values.reduce(0, +) < sample.messageCount / 2, let line = try reader.next() {
            Self.note(try JSONNode(line: line), in: &acknowledged)
        }
        child.kill()
        // What it had said before it died counts as well.
        while let line = try reader.next() {
            if let line = try? JSONNode(line) { Self.note(line, in: &acknowledged) }
        }
        let end = try child.wait()
        guard case .killed = end else {
            throw HoldfastError(.internal, "the import ended by itself (\(end)), expected it to be killed")
        }
        let count = acknowledged.values.reduce(0, +)
        try report.fact(
            "process \(child.identifier) was killed with SIGKILL after it had acknowledged \(Quantity.count(count, of: "message"))"
        )
        return acknowledged
    }

    private static func note(_ line: JSONNode, in acknowledged: inout [String: Int]) {
        guard let session = line["session"]?.string, let count = line["messages"]?.integer else { return }
        acknowledged[session] = Int(count)
    }

    private mutating func recover(_ acknowledged: [String: Int]) async throws {
        try report.step("Open the store again, which recovers it")
        let start = ContinuousClock.now
        let finding = try await withStore { try await sample.compare($0.conversations()) }
        let elapsed = Quantity.duration(ContinuousClock.now - start)
        for (session, count) in acknowledged where finding.counts[session, default: 0] < count {
            throw HoldfastError(
                .corrupt,
                "\"\(session)\" has lost messages: \(count) acknowledged, \(finding.counts[session] ?? 0) there"
            )
        }
        try report.fact(
            "\(Quantity.count(finding.messageCount, of: "message")) are there after \(elapsed): every acknowledged one, in order, none twice"
        )
    }

    private mutating func importAgain() throws {
        try report.step("Run the same import again, twice")
        let first = try runImport()
        try report.fact("first: \(first)")
        let second = try runImport()
        guard second.hasPrefix("appended 0 ") else {
            throw HoldfastError(.corrupt, "the second import said: \(second)")
        }
        try report.fact("second: \(second)")
        try compareExport(of: "storage.yaml", "an export is the sample again, byte for byte")
    }

    private mutating func losePrimary() async throws {
        try report.step("Take the primary away: its directory is moved, a plain file stands in its place")
        try FileDescriptor.rename(directory.file("primary"), to: directory.file("primary.lost"))
        try directory.write([], to: "primary")
        try await withStore { store in
            let finding = try await sample.compareWhole(store.conversations())
            try report.fact(
                "all \(Quantity.count(finding.messageCount, of: "message")) are read from \"\(finding.source)\" (\(Self.words(finding.degradations)))"
            )
            let receipt = try await store.conversations().append(Self.outageMessage, to: Self.outageSession)
            sample.append(Self.outageMessage, to: Self.outageSession)
            try report.fact(
                "a message written now is safe at level \"\(receipt.level.rawValue)\" (\(Self.words(receipt.degradations)))"
            )
            _ = try await sample.compareWhole(store.conversations())
            try report.fact("and read at once, with the log laid over the backup")
        }
    }

    private mutating func bringPrimaryBack() async throws {
        try report.step("Bring the primary back empty")
        try FileDescriptor.remove(directory.file("primary"))
        let start = ContinuousClock.now
        try await withStore { store in
            let status = await StatusReport.settled(store, within: Self.waitMax)
            guard status.isHealthy else {
                throw HoldfastError(.timeout, "the primary has not been rebuilt: \(status.text)")
            }
            let elapsed = Quantity.duration(ContinuousClock.now - start)
            let finding = try await sample.compareWhole(store.conversations())
            try report.fact("it was rebuilt from the backup and the log (\(elapsed)) before it served again")
            try report.fact(
                "all \(Quantity.count(finding.messageCount, of: "message")) are read from \"\(finding.source)\", in order, none twice"
            )
            try await store.flush(CallOptions(timeout: Self.waitMax))
        }
    }

    private mutating func lookAtEach() async throws {
        try report.step("Open each SQLite file on its own, without the chain")
        for name in ["primary", "backup"] {
            let store = try await opening("\(name).yaml").store()
            let finding: StoredSample.Finding
            do {
                finding = try await sample.compareWhole(store.conversations())
            } catch {
                await store.close()
                throw error
            }
            await store.close()
            try report.fact(
                "\(name)/history.db holds all \(Quantity.count(finding.messageCount, of: "message"))")
        }
    }

    private func withStore<Result: Sendable>(_ body: (HistoryStore) async throws -> Result) async throws
        -> Result
    {
        try await opening("storage.yaml").withStore(body)
    }

    private func opening(_ configuration: String) -> StoreOpening {
        StoreOpening(path: directory.file(configuration), log: report.log)
    }

    private func runImport() throws -> String {
        let arguments = [
            "import", directory.file("sample.jsonl"), "--config", directory.file("storage.yaml"),
        ]
        return String(decoding: try runChild(arguments), as: UTF8.self)
    }

    private mutating func compareExport(of configuration: String, _ fact: String) throws {
        let output = directory.file("export.jsonl")
        _ = try runChild(["export", "--config", directory.file(configuration), "--output", output])
        // An export is sorted by conversation, the sample is not.
        let exported = try Self.sortedLines(of: output)
        guard exported == (try Self.sortedLines(of: directory.file("sample.jsonl"))) else {
            throw HoldfastError(.corrupt, "the export differs from the sample: \(output)")
        }
        try report.fact(fact)
    }

    private static func sortedLines(of path: String) throws -> [[UInt8]] {
        let input = try FileDescriptor.open(path)
        defer { input.close() }
        var reader = LineReader(input)
        var lines: [[UInt8]] = []
        while let line = try reader.next() { lines.append(line) }
        return lines.sorted { $0.lexicographicallyPrecedes($1) }
    }

    /// Runs this executable to its end, and returns the last line that it prints.
    private func runChild(_ arguments: [String]) throws -> [UInt8] {
        let child = try ChildProcess.start(executable, arguments)
        var reader = LineReader(child.output)
        var last: [UInt8] = []
        while let line = try reader.next() { last = line }
        let end = try child.wait()
        guard end == .exited(0) else {
            throw HoldfastError(.internal, "holdfast \(arguments[0]) ended with \(end), expected status 0")
        }
        return last
    }

    private static func words(_ degradations: [Degradation]) -> String {
        degradations.isEmpty ? "nothing is missing" : degradations.map(\.description).joined(separator: ", ")
    }
}
