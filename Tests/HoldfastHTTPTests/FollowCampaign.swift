import Glibc
import Holdfast
import HoldfastSupport
import HoldfastTestSupport
import Logging
import NIOCore
import ServiceLifecycle

@testable import HoldfastHTTP

/// How much a campaign does.
struct FollowPlan: Sendable {
    var sessionCount: Int
    var followerCount: Int
    /// Messages of each session.
    var messageCount: Int
    /// Appends in each second, all writers together.
    var rate: Int
    /// How often the daemon is stopped and started again, spread over the run.
    var restartCount: Int
    /// A follower leaves and comes back after so many events, more or less.
    var eventsPerVisit: Int
    /// Whether clients come over TCP; its port may be taken by others while the daemon is away.
    var isOnTCP = false

    var appendCount: Int { sessionCount * messageCount }
}

/// Followers of many sessions while writers append to them, clients come and go, and the daemon is started again.
final class FollowCampaign: Sendable {
    private struct State {
        var acknowledged = 0
        var caughtUp = 0
        var reconnects = 0
        var failures: [String] = []
        /// Nanoseconds from the moment a message was sent to that at which a follower had it.
        var delays: [Int64] = []
        var waiters: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
    }

    let plan: FollowPlan
    private let directory: TemporaryDirectory
    private let configuration: String
    private let address: ListenAddress
    private let clock = SystemClock()
    private let state = Guarded(State())

    init(_ plan: FollowPlan, _ directory: TemporaryDirectory) throws {
        self.plan = plan
        self.directory = directory
        address =
            plan.isOnTCP
            ? .tcp(host: "127.0.0.1", port: try LoopbackPort.free()) : .unix(path: directory.file("s"))
        let text = """
            plugins: { path: ["\(ProcessFacts.executableDirectory)"] }
            storage: { type: sqlite, path: "\(directory.file("follow.db"))" }
            """
        configuration = try directory.write(Array(text.utf8), to: "storage.yaml")
    }

    /// What a campaign has found.
    struct Outcome: Sendable {
        let failures: [String]
        let reconnects: Int
        let appendsPerSecond: Int
        let eventCount: Int
        /// The delay that half of the events have at most, and that 99 of 100 have, in milliseconds.
        let delays: (half: Int64, most: Int64)
    }

    func run() async throws -> Outcome {
        let start = clock.monotonicNanoseconds
        let seconds = Guarded(0.0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await self.serve() }
            group.addTask {
                await withDiscardingTaskGroup { followers in
                    for number in 0..<self.plan.followerCount {
                        followers.addTask {
                            await self.follow(session: number % self.plan.sessionCount, number)
                        }
                    }
                }
                self.reach(.max)
            }
            group.addTask {
                await withDiscardingTaskGroup { writers in
                    for number in 0..<self.writerCount { writers.addTask { await self.write(number) } }
                }
                seconds.withLock { $0 = Double(self.clock.monotonicNanoseconds - start) / 1e9 }
            }
            // A daemon that cannot serve ends the clients as well.
            try await group.waitForAll()
        }
        return state.withLock { state in
            let delays = state.delays.sorted()
            let at = { (part: Double) in
                delays.isEmpty
                    ? 0 : delays[min(delays.count - 1, Int(Double(delays.count) * part))] / 1_000_000
            }
            return Outcome(
                failures: state.failures, reconnects: state.reconnects,
                appendsPerSecond: Int(Double(plan.appendCount) / seconds.withLock { $0 }),
                eventCount: delays.count, delays: (at(0.5), at(0.99)))
        }
    }

    private var writerCount: Int { min(plan.sessionCount, 40) }
}

// MARK: the daemon

extension FollowCampaign {
    /// Serves, and stops and starts again each time so many messages have been acknowledged.
    private func serve() async throws {
        for round in 0...plan.restartCount {
            let store = try await HistoryStore.open(configuration: configuration)
            var settings = ServerSettings()
            settings.connectionCountMax = plan.followerCount * 2 + writerCount + 64
            settings.followerCountMax = plan.followerCount * 2
            settings.drainTimeout = .seconds(5)
            var logger = Logger(label: "campaign")
            logger.logLevel = .critical
            var options = DaemonOptions([address])
            options.settings = settings
            let daemon = try await HTTPDaemon.open(store, options, logger: logger)
            let group = ServiceGroup(
                configuration: ServiceGroupConfiguration(services: [.init(service: daemon)], logger: logger))
            let goal =
                round < plan.restartCount
                ? plan.appendCount * (round + 1) / (plan.restartCount + 1) : .max
            async let stop: Void = {
                await reached(goal)
                await group.triggerGracefulShutdown()
            }()
            try await group.run()
            await stop
            await store.close()
        }
    }

    private func reached(_ count: Int) async {
        await withCheckedContinuation { continuation in
            let isThere = state.withLock { state in
                if state.acknowledged >= count { return true }
                state.waiters.append((count, continuation))
                return false
            }
            if isThere { continuation.resume() }
        }
    }

    /// Notes acknowledged messages; `max` is the end of everything.
    private func reach(_ count: Int) {
        let woken = state.withLock { state in
            state.acknowledged = count == .max ? .max : state.acknowledged + count
            let woken = state.waiters.filter { $0.count <= state.acknowledged }
            state.waiters.removeAll { $0.count <= state.acknowledged }
            return woken.map(\.continuation)
        }
        for continuation in woken { continuation.resume() }
    }
}

// MARK: writers

extension FollowCampaign {
    /// Appends to the sessions of one writer in turns, each message until it is acknowledged.
    private func write(_ writer: Int) async {
        let sessions = stride(from: writer, to: plan.sessionCount, by: writerCount)
        let pause = Int64(writerCount) * 1_000_000_000 / Int64(plan.rate)
        var due = clock.monotonicNanoseconds + pause * Int64(writer) / Int64(writerCount)
        var queue = (0..<plan.messageCount).flatMap { number in sessions.map { ($0, number) } }[...]
        while !queue.isEmpty, !Task.isCancelled {
            do {
                try await HTTPConnection.with(address) { connection in
                    while let (session, number) = queue.first {
                        await clock.wait(until: due)
                        let isStored = try await append(number, to: session, over: connection)
                        guard isStored else { throw TestSupportError("not acknowledged") }
                        reach(1)
                        queue.removeFirst()
                        due += pause
                    }
                }
            } catch {
                // The daemon is away; the key makes another attempt safe.
                await clock.wait(for: .milliseconds(20))
            }
        }
    }

    private func append(
        _ number: Int, to session: Int, over connection: HTTPConnection
    ) async throws -> Bool {
        let body = "{\"role\":\"user\",\"t\":\(clock.monotonicNanoseconds),\"n\":\(number)}"
        try await connection.send(
            TestDaemon.request(
                "POST", "/v1/sessions/s\(session)/messages", [("Idempotency-Key", "\(session)-\(number)")],
                body: Array(body.utf8)))
        return try await connection.receive()?.status.description.hasPrefix("2") ?? false
    }
}

// MARK: followers

extension FollowCampaign {
    /// Follows a session to its last message, on many connections one after the other.
    private func follow(session: Int, _ follower: Int) async {
        var last: String?
        var next = 0
        var delays: [Int64] = []
        var visits = 0
        while next < plan.messageCount, !Task.isCancelled {
            visits += 1
            // Each leaves at other moments, the same in every run.
            let patience =
                plan.eventsPerVisit / 2 + (follower * 7919 + visits * 104_729) % plan.eventsPerVisit
            var count = 0
            do {
                _ = try await EventReader.read(
                    address, "/v1/sessions/s\(session)/follow", after: last
                ) { event in
                    guard !event.data.isEmpty else { return .more }
                    let number = Self.number(after: "\"n\":", in: event.data)
                    if number != Int64(next) {
                        fail(
                            "follower \(follower) of session \(session) got \(number ?? -1), expected \(next)"
                        )
                        next = plan.messageCount
                        return .enough
                    }
                    if let sent = Self.number(after: "\"t\":", in: event.data) {
                        delays.append(clock.monotonicNanoseconds - sent)
                    }
                    last = event.id
                    next += 1
                    count += 1
                    return next == plan.messageCount || count == patience ? .enough : .more
                }
            } catch {
                // The daemon is away.
            }
            if count == 0 { await clock.wait(for: .milliseconds(50)) }
        }
        state.withLock { state in
            state.delays += delays
            state.reconnects += visits - 1
        }
    }

    private func fail(_ text: String) {
        state.withLock { if $0.failures.count < 20 { $0.failures.append(text) } }
    }

    private static func number(after mark: String, in text: String) -> Int64? {
        guard let place = text.utf8.firstRange(of: mark.utf8) else { return nil }
        var number: Int64?
        for byte in text.utf8[place.upperBound...] {
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else { break }
            number = (number ?? 0) * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        return number
    }
}
