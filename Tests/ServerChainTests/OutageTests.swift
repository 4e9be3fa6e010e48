import Glibc
import Holdfast
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Chains whose servers fail", .serialized)
struct OutageTests {
    /// A chain with a server in each place that can fail.
    struct Trial: Sendable, CustomTestStringConvertible {
        var primary: FailingServer.Kind?
        var backup: FailingServer.Kind?
        var log: FailingServer.Kind?
        var policy = "reject"

        var testDescription: String {
            let parts = [
                primary?.rawValue ?? "sqlite", backup?.rawValue ?? "sqlite", log?.rawValue ?? "file-log",
            ]
            return parts.joined(separator: ", ") + ", \(policy)"
        }

        private static func primaries(_ postgresql: String, _ redis: String) -> [Trial] {
            [
                Trial(primary: .postgresql, policy: postgresql),
                Trial(primary: .redis, backup: .postgresql, policy: redis),
            ]
        }
        private static let logs = [Trial(log: .postgresql), Trial(log: .durableRedis)]

        // The gate has half of them, the campaign all.
        private static let isCampaign = campaignRounds != nil
        static let cut =
            isCampaign
            ? primaries("reject", "reject") + primaries("accept", "accept") + logs
            : primaries("reject", "accept") + [logs[0]]
        static let killed =
            isCampaign
            ? primaries("reject", "reject") + primaries("accept", "accept") : primaries("accept", "reject")
        static let killedLogs = isCampaign ? logs : [logs[1]]

        /// Whether its servers can be started here, and a campaign wants it.
        var isPossible: Bool {
            guard [primary, backup, log].allSatisfy({ $0?.isThere ?? true }) else { return false }
            guard let only = getenv("HOLDFAST_CAMPAIGN_ONLY") else { return true }
            return testDescription.contains(String(cString: only))
        }
    }

    @Test(
        "connections that are cut lose, double and reorder nothing that was acknowledged",
        arguments: Trial.cut)
    func cuts(trial: Trial) async throws {
        guard trial.isPossible else { return }
        let servers = try await Servers(trial)
        let proxies = try servers.all.map { try CuttingProxy(toPort: $0.port) }
        let chain = try servers.chain(trial.policy, ports: proxies.map(\.port))
        let store = try await chain.home.open()
        let work = Workload([store])
        try await work.run(writers: 8) {
            for kind in CuttingProxy.Cut.allCases {
                tell("\(trial.testDescription): \(kind)")
                for round in 0..<(campaignRounds ?? 10) {
                    // The server behind the primary hears less often of anything.
                    let index = round % 4 == 3 ? proxies.count - 1 : 0
                    await proxies[index].cut(kind, after: Int.random(in: 0...(index > 0 ? 3 : 12)))
                    await work.progress(3)
                }
            }
        }
        let count = proxies.reduce(0) { $0 + $1.cutCount }
        try await chain.finish(work, store, "\(trial.testDescription), \(count) cuts")
    }

    @Test(
        "M09 a primary that is killed, or hangs, is replaced by its backup for reading, and nothing acknowledged is lost",
        arguments: Trial.killed)
    func outages(trial: Trial) async throws {
        guard trial.isPossible else { return }
        let servers = try await Servers(trial)
        let chain = try servers.chain(trial.policy)
        let store = try await chain.home.open()
        let work = Workload([store])
        let rounds = campaignOutages.map { $0 * 2 } ?? 2
        let server = servers.all[0]
        try await work.run(writers: 8) {
            for round in 0..<rounds {
                await work.progress(50)
                let hangs = round % 2 == 1
                try await onThread { if hangs { server.pause() } else { server.kill() } }
                tell("\(trial.testDescription), round \(round): \(hangs ? "hangs" : "killed")")
                await Self.endure(work, trial.policy)
                try await onThread { if hangs { server.resume() } else { try server.start() } }
                let before = work.state.withLock { $0.lastAcknowledgement }
                await work.wait { $0.lastAcknowledgement > before }
                tell("\(trial.testDescription), round \(round): over")
            }
        }
        try await chain.finish(work, store, "\(trial.testDescription), \(rounds) outages")
    }

    @Test(
        "a log that is killed, or hangs, refuses writes and hides nothing from reads",
        arguments: Trial.killedLogs)
    func logOutages(trial: Trial) async throws {
        guard trial.isPossible else { return }
        let servers = try await Servers(trial)
        let chain = try servers.chain(trial.policy)
        let store = try await chain.home.open()
        let work = Workload([store])
        let rounds = campaignOutages.map { $0 * 2 } ?? 2
        let server = servers.all[0]
        try await work.run(writers: 8) {
            for round in 0..<rounds {
                await work.progress(50)
                let hangs = round % 2 == 1
                try await onThread { if hangs { server.pause() } else { server.kill() } }
                tell("\(trial.testDescription), round \(round): \(hangs ? "hangs" : "killed")")
                let refused = work.state.withLock { $0.rejectedCount + $0.unknownCount }
                await work.wait { $0.rejectedCount + $0.unknownCount > refused + 8 }
                for list in work.state.withLock({ $0.lists.keys.sorted() }).suffix(4) {
                    #expect(await work.look(at: list)?.source == "primary")
                }
                try await onThread { if hangs { server.resume() } else { try server.start() } }
                await work.progress(8)
                tell("\(trial.testDescription), round \(round): over")
            }
        }
        try await chain.finish(work, store, "\(trial.testDescription), \(rounds) outages")
    }

    @Test(
        "a Redis that keeps nothing, started empty again and again under load, never hides an acknowledged message",
        .enabled(if: RedisServer.isThere, "Redis is not installed"))
    func emptied() async throws {
        let server = try await onThread { try FailingServer(.redis) }
        let chain = try ServerChain(
            primary: server.provider(), backup: ServerChain.sqliteBackup, policy: "reject")
        let store = try await chain.home.open()
        let work = Workload([store])
        let rounds = campaignOutages ?? 6
        try await work.run(writers: 8) {
            for _ in 0..<rounds {
                await work.progress(60)
                try await onThread {
                    server.kill()
                    try server.start()
                }
                for list in work.state.withLock({ Array($0.lists.keys) }) { await work.look(at: list) }
            }
        }
        try await chain.finish(work, store, "redis without persistence, \(rounds) empty restarts")
    }

    /// Everything that must be seen while the primary is away.
    private static func endure(_ work: Workload, _ policy: String) async {
        let before = work.state.withLock { $0 }
        await work.wait {
            policy == "accept"
                ? $0.acknowledgedByLogCount > before.acknowledgedByLogCount + 20
                : $0.rejectedCount > before.rejectedCount + 20
        }
        for list in before.lists.keys.sorted().suffix(4) {
            let page = await work.look(at: list)
            #expect(page?.source == "backup-1")
            #expect(page?.degradations == [.fallback("backup-1")])
        }
    }
}

/// The servers of a trial: the one that is tried first, then the one behind it.
private struct Servers: Sendable {
    let all: [FailingServer]
    private let trial: OutageTests.Trial

    init(_ trial: OutageTests.Trial) async throws {
        self.trial = trial
        all = try await onThread {
            try [trial.primary, trial.log, trial.backup].compactMap { $0 }.map { try FailingServer($0) }
        }
    }

    /// The chain of the trial, each server reached on its own port or on another.
    func chain(_ policy: String, ports: [Int] = []) throws -> ServerChain {
        var rest = all.enumerated().map { index, server in
            server.provider(port: ports.isEmpty ? nil : ports[index])
        }[...]
        let primary = trial.primary == nil ? nil : rest.popFirst()
        let log = trial.log == nil ? nil : rest.popFirst()
        return try ServerChain(
            primary: primary ?? ServerChain.sqlitePrimary,
            backup: rest.popFirst() ?? ServerChain.sqliteBackup,
            log: log ?? ServerChain.fileLog, policy: policy)
    }
}
