import Glibc
import HoldfastTestSupport
import Testing

/// 200 kills under 64 connections by `make daemon-kill-loop`, a few under fewer in the gate.
private let killCount = getenv("HOLDFAST_DAEMON_KILLS").flatMap { Int(String(cString: $0)) }

@Suite("kill -9 of a daemon") struct DaemonKillTests {
    @Test("M02 M03 whatever was answered with success is there after a kill, once and in order")
    func killed() async throws {
        let directory = try TemporaryDirectory()
        defer { directory.remove() }
        let campaign = try DaemonKillCampaign(
            connectionCount: killCount == nil ? 16 : 64, answerCountMax: killCount == nil ? 200 : 3000,
            directory)
        let rounds = killCount ?? 3
        let outcome = try await campaign.run(rounds)
        #expect(outcome.failures == [], "seed \(campaign.seed)")
        #expect(outcome.answeredCount > 0)
        print(
            "kill -9 of a daemon, seed \(campaign.seed): \(rounds) times under \(campaign.connectionCount) "
                + "connections, \(outcome.answeredCount) writes answered, \(outcome.openCount) without an answer, "
                + "of which \(outcome.storedCount) were stored")
    }
}
