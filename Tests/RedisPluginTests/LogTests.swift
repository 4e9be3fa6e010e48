import HoldfastConformance
import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("Redis as a log", .serialized, .enabled(if: RedisServer.isThere, "Redis is not installed"))
struct LogTests {
    private static let seed = UInt64.random(in: .min ... .max)

    @Test("keeps the contract", arguments: LogCase.all)
    func contract(logCase: LogCase) async throws {
        let server = try RedisServer(.always)
        let subject = LogSubject { () async throws(HoldfastError) in
            do {
                return try RedisSubject.logProvider(server: server)
            } catch {
                throw HoldfastError(.unavailable, "\(error)")
            }
        }
        let outcome = await logCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
    }

    @Test("a log that is open belongs to its process, and the second is told whose it is")
    func oneHolder() async throws {
        let server = try RedisServer(.always)
        let log = try await RedisSubject.logProvider(prefix: "l:", server: server).open(.unbounded)
        #expect(log.info.capabilities.contains(.durable))
        let second = try RedisSubject.logProvider(prefix: "l:", server: server)
        let error = await #expect(throws: HoldfastError.self) { try await second.open(.unbounded) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("is held by process ") == true)
        await log.close()
        let later = try await second.open(.unbounded)
        await later.close()
    }

    @Test("a holder whose log was taken over cannot append any more")
    func fenced() async throws {
        let server = try RedisServer(.always)
        let log = try await RedisSubject.logProvider(prefix: "l:", server: server).open(.unbounded)
        #expect(try await log.append(["one"], .unbounded) == 1)
        try server.run("HSET", "l:{log}:h", "owner", "another")
        let error = await #expect(throws: HoldfastError.self) { try await log.append(["two"], .unbounded) }
        #expect(error?.code == .unavailable)
        #expect(error?.flags.contains(.providerDead) == true)
        #expect(error?.flags.contains(.maybeApplied) == false)
        await log.close()
    }

    @Test("a log goes on where it was after the server was killed")
    func killed() async throws {
        let server = try RedisServer(.always)
        let provider = try RedisSubject.logProvider(prefix: "l:", server: server)
        let log = try await provider.open(.unbounded)
        #expect(try await log.append(["one", "two"], .unbounded) == 1)
        server.kill()
        let error = await #expect(throws: HoldfastError.self) { try await log.append(["lost"], .unbounded) }
        #expect(error?.flags.contains(.providerDead) == true)
        await log.close()
        try server.start()
        let again = try await provider.open(.unbounded)
        #expect(again.info.incarnation == log.info.incarnation)
        #expect(try await again.append(["three"], .unbounded) == 3)
        let records = try await again.read(from: 1, byteCountMax: 1 << 20, .unbounded)
        #expect(records.map(\.payload) == ["one", "two", "three"])
        await again.close()
    }

    @Test("a server that may lose what it acknowledged is refused as a log, unless that is asked for")
    func volatile() async throws {
        for persistence in [RedisServer.Persistence.none, .everySecond] {
            let server = try RedisServer(persistence)
            let refused = await #expect(throws: HoldfastError.self) {
                try await RedisSubject.logProvider(server: server).open(.unbounded)
            }
            #expect(refused?.code == .permission)
            #expect(refused?.message.contains("appendfsync always") == true)
            let provider = try RedisSubject.logProvider(
                prefix: "l:", more: #", "require_durable": false"#, server: server)
            let log = try await provider.open(.unbounded)
            #expect(!log.info.capabilities.contains(.durable))
            #expect(try await log.append(["one"], .unbounded) == 1)
            await log.close()
            server.kill()
            try server.start()
            // What it gives out from here on is another log, whatever it kept.
            let again = try await provider.open(.unbounded)
            #expect(again.info.incarnation != log.info.incarnation)
            await again.close()
        }
    }

    @Test("a log that has reached its bound is exhausted until it is trimmed")
    func full() async throws {
        let server = try RedisServer(.always)
        let provider = try RedisSubject.logProvider(more: #", "max_size": 100"#, server: server)
        let log = try await provider.open(.unbounded)
        let entry = Bytes(String(repeating: "x", count: 60))
        #expect(try await log.append([entry], .unbounded) == 1)
        let error = await #expect(throws: HoldfastError.self) { try await log.append([entry], .unbounded) }
        #expect(error?.code == .exhausted)
        try await log.trim(before: 2, .unbounded)
        #expect(try await log.bounds(.unbounded).byteCount == 0)
        #expect(try await log.append([entry], .unbounded) == 2)
        #expect(try await log.bounds(.unbounded).byteCount == 60)
        await log.close()
    }

    @Test("an entry that was changed in the server is corrupt, and so is a stream that lost its end")
    func damaged() async throws {
        let server = try RedisServer(.always)
        let provider = try RedisSubject.logProvider(prefix: "l:", server: server)
        let log = try await provider.open(.unbounded)
        _ = try await log.append(["one", "two"], .unbounded)
        await log.close()
        try server.run("XDEL", "l:{log}:s", "2-0")
        let short = await #expect(throws: HoldfastError.self) { try await provider.open(.unbounded) }
        #expect(short?.code == .corrupt)
        try server.run("DEL", "l:{log}:s")
        try server.run("XADD", "l:{log}:s", "2-0", "c", "17", "t", "6", "e", "TWO")
        let again = try await provider.open(.unbounded)
        let changed = await #expect(throws: HoldfastError.self) {
            try await again.read(from: 1, byteCountMax: 1 << 20, .unbounded)
        }
        #expect(changed?.code == .corrupt)
        await again.close()
    }

    @Test("a sentinel cannot name the server of a log")
    func sentinel() async throws {
        let provider = try RedisSubject.logProvider(options: #"{"url": "sentinel://127.0.0.1:1/name"}"#)
        let error = await #expect(throws: HoldfastError.self) { try await provider.open(.unbounded) }
        #expect(error?.code == .invalid)
    }
}
