import HoldfastModel
import HoldfastPlugins
import HoldfastSupport
import HoldfastTestSupport
import Testing

@Suite("Redis that fails", .enabled(if: RedisServer.isThere, "Redis is not installed"))
struct FailureTests {
    static func item(_ id: Version, _ value: Bytes = "{}") -> Change {
        Change(.put, Record(namespace: "ns", key: "list", id: id, version: id, value: value), if: .newest)
    }

    static func ids(_ store: any Store) async throws -> [Version] {
        let address = Address(namespace: "ns", key: "list")
        return try await store.read([ReadRequest(address, range: ReadRequest.Range())], .unbounded)[0].map(
            \.id)
    }

    @Test("a killed server leaves a dead store and no doubt, and what it synced is there when it runs again")
    func killed() async throws {
        let server = try RedisServer(.always)
        let provider = try RedisSubject.provider(prefix: "k:", server: server)
        let clock = TestClock()
        let store = try await provider.connect(.unbounded)
        #expect(store.info.capabilities.contains(.durable))
        let first = clock.next()
        #expect(try await store.apply([Self.item(first)], atomic: true, .unbounded) == [.applied])
        server.kill()
        let lost = await #expect(throws: HoldfastError.self) {
            try await store.apply([Self.item(clock.next())], atomic: true, .unbounded)
        }
        #expect(lost?.flags.contains(.providerDead) == true)
        // The server was gone before anything was sent.
        #expect(lost?.flags.contains(.maybeApplied) == false)
        await store.close()
        let refused = await #expect(throws: HoldfastError.self) { try await provider.connect(.unbounded) }
        #expect(refused?.code == .unavailable)
        try server.start()
        let again = try await provider.connect(.unbounded)
        #expect(again.info.incarnation != store.info.incarnation)
        #expect(try await Self.ids(again) == [first])
        #expect(try await again.apply([Self.item(clock.next())], atomic: true, .unbounded) == [.applied])
        await again.close()
    }

    @Test(
        "a server without persistence is not durable, and shows another incarnation when it comes back empty")
    func restartedEmpty() async throws {
        let server = try RedisServer(.none)
        let provider = try RedisSubject.provider(prefix: "k:", server: server)
        let clock = TestClock()
        var incarnations: Set<String> = []
        for _ in 0..<5 {
            let store = try await provider.connect(.unbounded)
            #expect(!store.info.capabilities.contains(.durable))
            #expect(incarnations.insert(store.info.incarnation).inserted)
            #expect(try await Self.ids(store) == [])
            #expect(try await store.apply([Self.item(clock.next())], atomic: true, .unbounded) == [.applied])
            server.kill()
            try server.start()
            // The connection is of the server that was: it says nothing of the one that is.
            let error = await #expect(throws: HoldfastError.self) { try await Self.ids(store) }
            #expect(error?.flags.contains(.providerDead) == true)
            await store.close()
        }
    }

    @Test("a server that is emptied under its connections never answers that there is nothing")
    func emptied() async throws {
        let server = try RedisServer(.none)
        let provider = try RedisSubject.provider(prefix: "k:", server: server)
        let clock = TestClock()
        typealias Call = @Sendable (any Store) async throws -> Void
        let calls: [Call] = [
            { _ = try await Self.ids($0) },
            { _ = try await $0.read([ReadRequest(Address(namespace: "ns", key: "k"))], .unbounded) },
            { _ = try await $0.query(Query(namespace: "ns"), .unbounded) },
            { _ = try await $0.apply([Self.item(clock.next())], atomic: true, .unbounded) },
            { try await $0.ping(integrity: false, .unbounded) },
        ]
        for (number, call) in calls.enumerated() {
            let store = try await provider.connect(.unbounded)
            _ = try await store.apply([Self.item(clock.next())], atomic: true, .unbounded)
            _ = try await Self.ids(store)
            try server.run(number % 2 == 0 ? "FLUSHALL" : "FLUSHDB")
            let error = await #expect(throws: HoldfastError.self) { try await call(store) }
            #expect(error?.code == .unavailable)
            #expect(error?.flags.contains(.providerDead) == true)
            #expect(error?.flags.contains(.maybeApplied) == false)
            await store.close()
            let again = try await provider.connect(.unbounded)
            #expect(again.info.incarnation != store.info.incarnation)
            await again.close()
        }
    }

    @Test("a server that hangs costs a call its deadline and no more")
    func hanging() async throws {
        let server = try RedisServer(.none)
        let provider = try RedisSubject.provider(prefix: "h:", server: server)
        let store = try await provider.connect(.unbounded)
        server.pause()
        let context = CallContext(deadline: SystemClock().monotonicNanoseconds + 300_000_000)
        let error = await #expect(throws: HoldfastError.self) {
            try await store.apply([Self.item(TestClock().next())], atomic: true, context)
        }
        #expect(error?.code == .timeout)
        server.resume()
        await store.close()
    }

    @Test("a full server refuses a write as a whole, and reads go on")
    func full() async throws {
        let server = try RedisServer(.none, settings: ["--maxmemory", "6mb"])
        let provider = try RedisSubject.provider(prefix: "f:", server: server)
        let store = try await provider.connect(.unbounded)
        let clock = TestClock()
        let value = Bytes(String(repeating: "x", count: 100_000))
        var accepted: [Version] = []
        var failure: HoldfastError?
        while failure == nil, accepted.count < 200 {
            let mark = Record(namespace: "~holdfast", key: "mark", version: clock.next(), value: "{}")
            let id = clock.next()
            do throws(HoldfastError) {
                _ = try await store.apply(
                    [Self.item(id, value), Change(.put, mark)], atomic: true, .unbounded)
                accepted.append(id)
            } catch {
                failure = error
            }
        }
        #expect(failure?.code == .exhausted)
        #expect(failure?.flags.contains(.retryable) == true)
        #expect(failure?.flags.contains(.providerDead) == false)
        #expect(failure?.flags.contains(.maybeApplied) == false)
        #expect(try await Self.ids(store) == accepted)
        try server.run("CONFIG", "SET", "maxmemory", "64mb")
        #expect(try await store.apply([Self.item(clock.next())], atomic: true, .unbounded) == [.applied])
        await store.close()
    }

    @Test("a value that the server is set up to refuse is invalid, and was not applied", arguments: [2, 12])
    func tooLarge(megabytes: Int) async throws {
        let server = try RedisServer(.none, settings: ["--proto-max-bulk-len", "1mb"])
        let provider = try RedisSubject.provider(prefix: "t:", server: server)
        let store = try await provider.connect(.unbounded)
        let clock = TestClock()
        let value = Bytes([UInt8](repeating: 7, count: megabytes << 20))
        let error = await #expect(throws: HoldfastError.self) {
            try await store.apply([Self.item(clock.next(), value)], atomic: true, .unbounded)
        }
        #expect(error?.code == .invalid, "\(String(describing: error))")
        #expect(error?.flags.contains(.maybeApplied) == false)
        await store.close()
        let again = try await provider.connect(.unbounded)
        #expect(try await Self.ids(again) == [])
        await again.close()
    }

    @Test("a server that forgets its scripts is given them again")
    func forgottenScripts() async throws {
        let store = try await RedisSubject.provider().connect(.unbounded)
        let clock = TestClock()
        let server = try RedisServer.shared.get()
        for _ in 0..<3 {
            try server.run("SCRIPT", "FLUSH")
            #expect(try await store.apply([Self.item(clock.next())], atomic: true, .unbounded) == [.applied])
        }
        #expect(try await Self.ids(store).count == 3)
        await store.close()
    }

    @Test(
        "a server that is written to is killed again and again: what it acknowledged is there, once, in order"
    )
    func killedWhileWriting() async throws {
        let server = try RedisServer(.always)
        let provider = try RedisSubject.provider(prefix: "w:", server: server)
        let clock = TestClock()
        var acknowledged: [Version] = []
        var doubtful: Set<Version> = []
        for round in 0..<8 {
            let store = try await provider.connect(.unbounded)
            for number in 0... {
                let id = clock.next()
                do throws(HoldfastError) {
                    if number == 10 + round * 7 {
                        async let end: Void = Self.end(server)
                        let late = clock.next()
                        doubtful.insert(late)
                        _ = try? await store.apply([Self.item(late)], atomic: true, .unbounded)
                        await end
                    }
                    _ = try await store.apply([Self.item(id)], atomic: true, .unbounded)
                    acknowledged.append(id)
                } catch {
                    if error.flags.contains(.maybeApplied) { doubtful.insert(id) }
                    break
                }
            }
            await store.close()
            try server.start()
        }
        let store = try await provider.connect(.unbounded)
        let held = try await Self.ids(store)
        #expect(held == held.sorted())
        #expect(held.filter { !doubtful.contains($0) } == acknowledged.filter { !doubtful.contains($0) })
        await store.close()
    }

    private static func end(_ server: RedisServer) async { server.kill() }
}
