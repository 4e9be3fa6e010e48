import Glibc
import Holdfast
import HoldfastSupport
import HoldfastTestSupport
import Testing

/// How often the lock is taken in each campaign: a few times in the gate, 10 000 times by `make lock-campaign`.
private let acquisitionCount =
    getenv("HOLDFAST_LOCK_COUNT").flatMap { Int(String(cString: $0)) } ?? 120

@Suite("Locks between processes", .serialized) struct LockCampaignTests {
    private static let processCount = 3
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    @Test("three processes, stopped for longer than the lease, on one SQLite file")
    func sqlite() async throws {
        let storage = "{ type: sqlite, path: \(directory.file("shared.db")) }"
        try await campaign("sqlite") { _ in storage }
    }

    @Test(
        "three hosts with logs of their own, stopped for longer than the lease, on one PostgreSQL",
        .enabled(if: PostgresServer.absence == nil, "\(PostgresServer.absence ?? "")"))
    func postgresql() async throws {
        let server = try PostgresServer(isDurable: false, listens: false)
        defer {
            server.stop()
            server.directory.remove()
        }
        try await campaign("postgresql") { number in
            """
            { type: chain, hosts: many, primary: { type: postgresql, host: "\(server.directory.path)", \
            port: \(server.port), user: holdfast, database: postgres }, \
            log: { type: file-log, path: \(directory.file("log-\(number)")), segment_size: 1MiB } }
            """
        }
    }

    private func campaign(_ name: String, _ storage: (Int) -> String) async throws {
        let seed = UInt64.random(in: 0 ... .max)
        let files = try (0...Self.processCount).map { number in
            let text =
                "plugins: { path: [\"\(ProcessFacts.executableDirectory)\"] }\nstorage: \(storage(number))\n"
            return try directory.write(Array(text.utf8), to: "storage-\(number).yaml")
        }
        let count = (acquisitionCount + Self.processCount - 1) / Self.processCount
        let campaign = LockCampaign(
            configurations: Array(files.prefix(Self.processCount)), count: count, leaseMilliseconds: 150,
            seed: seed)
        let (steps, pauseCount) = try await onThread { try campaign.run() }
        let verdict = LockVerdict(
            steps: steps, journal: try await Self.journal(files[Self.processCount]),
            context: "\(name), seed \(seed)")
        verdict.check(acquisitionCount: count * Self.processCount)
        #expect(pauseCount > 0 && verdict.takeoverCount > 0, "\(verdict.context)")
        print(
            "locks, \(name): \(count * Self.processCount) acquisitions, \(pauseCount) pauses, "
                + "\(verdict.takeoverCount) takeovers, \(verdict.journal.count) writes, "
                + "\(verdict.refusedCount) late ones refused, \(verdict.failureCount) other failures, seed \(seed)"
        )
    }

    /// What the processes wrote, read by a host that took no part.
    private static func journal(_ configuration: String) async throws -> [LockVerdict.Write] {
        let store = try await HistoryStore.open(configuration: configuration)
        var writes: [LockVerdict.Write] = []
        for try await item in store.lists("journal").stream(of: "the lock") {
            let text = item.bytes.description
            func number(_ name: String) -> Int64? {
                text.firstRange(of: "\"\(name)\":").flatMap { range in
                    Int64(text[range.upperBound...].prefix { $0.isNumber })
                }
            }
            let owner = text.split(separator: "\"").dropFirst(3).first.map(String.init) ?? ""
            guard let fence = number("fence"), let place = number("number") else {
                throw TestSupportError("the journal holds \(text)")
            }
            writes.append(LockVerdict.Write(owner: owner, fence: fence, number: place))
        }
        await store.close()
        return writes
    }
}
