import Holdfast
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite(
    "Failover", .serialized, .enabled(if: PostgresServer.isThere, "PostgreSQL is not installed"))
struct FailoverTests {
    @Test(
        "a standby that is promoted after its primary was killed has every acknowledged message, once, and takes writes",
        arguments: 1...(campaignRounds.map { max(1, $0 / 10) } ?? 1))
    func promotion(round: Int) async throws {
        let pair = try await onThread { try PostgresPair() }
        let home = try ChainHome(try ScalingRecipe.text("pair"), variables: ["DATABASE_URL": pair.url])
        let other = try home.another()
        let stores = [try await home.open(), try await other.open()]
        let work = Workload(stores)
        let clock = SystemClock()
        let waited = Guarded(Int64(0))
        try await work.run(writers: 8) {
            await work.progress(200)
            try await onThread { pair.primary.kill() }
            let refused = work.state.withLock { $0.rejectedCount }
            await work.wait { $0.rejectedCount > refused + 8 }
            try await onThread { try pair.standby.promote() }
            let promoted = clock.monotonicNanoseconds
            await work.wait { $0.lastAcknowledgement > promoted }
            waited.withLock { $0 = clock.monotonicNanoseconds - promoted }
            await work.progress(100)
        }
        for store in stores { await store.close() }
        other.directory.remove()
        let alone = try await home.alone("{ type: postgresql, url: \"${DATABASE_URL}\" }").open()
        let (_, faults) = try await work.final(alone)
        await alone.close()
        let milliseconds = waited.withLock { $0 } / 1_000_000
        print("failover \(round): \(work.summary); first write \(milliseconds) ms after the promotion")
        #expect(work.state.withLock { $0.faults } + faults == [])
        // A campaign runs on a machine that does nothing else.
        if campaignRounds != nil { #expect(milliseconds < 2000) }
    }

    @Test(
        "a replica that sentinels promote has every acknowledged message again before anybody is served, once",
        .enabled(if: RedisServer.isThere, "Redis is not installed"),
        arguments: 1...(campaignRounds.map { max(1, $0 / 10) } ?? 1))
    func sentinels(round: Int) async throws {
        let (redis, archive) = try await onThread { (try RedisTrio(), try PostgresServer(listens: true)) }
        let variables = ["REDIS_URL": redis.url, "ARCHIVE_URL": archive.url]
        let home = try ChainHome(try ScalingRecipe.text("sentinel"), variables: variables)
        let other = try home.another()
        let stores = [try await home.open(), try await other.open()]
        let work = Workload(stores, keepsWhatWasRead: false)
        let clock = SystemClock()
        let waited = Guarded(Int64(0))
        try await work.run(writers: 8) {
            await work.progress(200)
            try await onThread {
                redis.primary.kill()
                redis.awaitPromotion()
            }
            let promoted = clock.monotonicNanoseconds
            await work.wait { $0.lastAcknowledgement > promoted }
            waited.withLock { $0 = clock.monotonicNanoseconds - promoted }
            await work.progress(100)
        }
        let (inChain, faults) = try await work.final(stores[0])
        for store in stores {
            while await store.status().members.contains(where: { $0.role == "backup" && $0.lag > 0 }) {
                await clock.wait(for: .milliseconds(10))
            }
            await store.close()
        }
        other.directory.remove()
        let alone = try await home.alone("{ type: postgresql, url: \"${ARCHIVE_URL}\" }").open()
        let (behind, faultsBehind) = try await work.final(alone)
        await alone.close()
        let milliseconds = waited.withLock { $0 } / 1_000_000
        print("sentinel \(round): \(work.summary); first write \(milliseconds) ms after the promotion")
        #expect(work.state.withLock { $0.faults } + faults + faultsBehind == [])
        #expect(behind == inChain)
    }
}
