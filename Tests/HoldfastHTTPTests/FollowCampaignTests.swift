import Glibc
import HoldfastTestSupport
import Testing

/// 2 000 followers by `make follow-campaign`, a few in the gate.
private let isCampaign = getenv("HOLDFAST_FOLLOW_CAMPAIGN") != nil

@Suite("Followers of many sessions") struct FollowCampaignTests {
    private static let small = FollowPlan(
        sessionCount: 5, followerCount: 40, messageCount: 60, rate: 1000, restartCount: 1, eventsPerVisit: 25)
    private static let whole = FollowPlan(
        sessionCount: 200, followerCount: 2000, messageCount: 300, rate: 1000, restartCount: 2,
        eventsPerVisit: 150, isOnTCP: true)

    @Test("every event once and in order, while clients come and go and the daemon is started again")
    func campaign() async throws {
        let plan = isCampaign ? Self.whole : Self.small
        if isCampaign { Self.raiseFileLimit() }
        let directory = try TemporaryDirectory()
        let outcome = try await FollowCampaign(plan, directory).run()
        #expect(outcome.failures == [])
        #expect(outcome.eventCount == plan.followerCount * plan.messageCount)
        #expect(outcome.reconnects >= plan.followerCount)
        print(
            "following: \(plan.followerCount) followers of \(plan.sessionCount) sessions, \(plan.appendCount) appends, "
                + "\(outcome.appendsPerSecond) in each second, \(plan.restartCount) restarts, "
                + "\(outcome.reconnects) reconnects, \(outcome.eventCount) events, "
                + "half of them within \(outcome.delays.half) ms, 99 of 100 within \(outcome.delays.most) ms")
    }

    /// Both ends of every connection are in this process.
    private static func raiseFileLimit() {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
