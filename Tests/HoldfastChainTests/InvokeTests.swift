import HoldfastChain
import HoldfastModel
import HoldfastSupport
import Testing

@Suite("Whole operations through a chain of fakes") struct InvokeTests {
    private static func call(_ namespaces: String...) -> DomainCall {
        DomainCall(
            "count", arguments: "{}",
            parts: namespaces.map {
                DomainCall.Part($0, Bytes(#"{"select":1,"namespace":"\#($0)","prefix":"s"}"#))
            })
    }

    private func put(_ key: Bytes, in namespace: Bytes, _ value: Bytes = "1", to chain: Chain) async throws {
        let record = Record(namespace: namespace, key: key, value: value)
        _ = try await chain.write(WriteRequest([Change(.put, record, if: .newest)]))
    }

    /// A chain whose backup is stuck, and all of whose providers offer one operation.
    private func stuck() async throws -> (FakeChain, Chain) {
        let fake = FakeChain {
            $0.onPrimaryFailure = .accept
            $0.poisonAttemptCountMax = .max
            $0.drainTimeout = .milliseconds(50)
        }
        for provider in [fake.primary, fake.backup] { provider.world.withLock { $0.operations = ["count"] } }
        let chain = try await fake.open()
        try await put("s1", in: "settled", to: chain)
        try await chain.flush(CallOptions())
        fake.backup.world.withLock { $0.poison = #"{"poison":true}"# }
        try await put("x", in: "elsewhere", #"{"poison":true}"#, to: chain)
        try await put("s1", in: "waiting", to: chain)
        try await put("t1", in: "beside", to: chain)
        return (fake, chain)
    }

    private func end(_ fake: FakeChain, _ chain: Chain) async throws {
        fake.backup.world.withLock { $0.poison = nil }
        fake.primary.comeBack()
        await chain.close()
    }

    @Test("the primary is asked while it answers reads, and only what it names")
    func primary() async throws {
        let (fake, chain) = try await stuck()
        #expect(await chain.guarantees.operations == ["count"])
        let answer = try await chain.invoke(Self.call("waiting", "settled"), CallOptions())
        #expect(answer?.results.map { $0.map(\.value) } == [["primary"], ["primary"]])
        #expect(answer?.source == "primary" && answer?.degradations == [])
        let other = DomainCall("other", arguments: "{}", parts: Self.call("settled").parts)
        #expect(try await chain.invoke(other, CallOptions()) == nil)
        try await end(fake, chain)
    }

    @Test("what lies over a backup where an operation looks keeps the backup from answering it")
    func overlaid() async throws {
        let (fake, chain) = try await stuck()
        fake.primary.goDown()
        // Finds out that the primary is gone.
        _ = try await chain.select(#"{"select":1,"namespace":"waiting"}"#, CallOptions())
        #expect(try await chain.invoke(Self.call("waiting"), CallOptions()) == nil)
        #expect(try await chain.invoke(Self.call("settled", "waiting"), CallOptions()) == nil)
        #expect(fake.backup.world.withLock { $0.operationCount } == 0)
        // Another namespace, and another prefix of the same one.
        for namespace in ["settled", "beside"] {
            let answer = try await chain.invoke(Self.call(namespace), CallOptions())
            #expect(answer?.results.map { $0.map(\.value) } == [["backup"]])
            #expect(answer?.source == "backup" && answer?.degradations.contains(.fallback("backup")) == true)
        }
        try await end(fake, chain)
    }

    @Test("an operation that breaks the connection goes to a backup, one that takes too long is no outage")
    func failures() async throws {
        let (fake, chain) = try await stuck()
        fake.primary.world.withLock { $0.operationFailure = HoldfastError(.timeout, "too long") }
        let error = await #expect(throws: HoldfastError.self) {
            try await chain.invoke(Self.call("settled"), CallOptions())
        }
        #expect(error?.code == .timeout)
        #expect(await chain.status().members.first?.state == "up")
        fake.primary.world.withLock {
            $0.operationFailure = HoldfastError(.unavailable, "gone", flags: [.retryable, .providerDead])
            $0.isDown = false
        }
        let answer = try await chain.invoke(Self.call("settled"), CallOptions())
        #expect(answer?.source == "backup")
        try await end(fake, chain)
    }

    @Test("a part that is no query is refused before a provider is asked")
    func refuses() async throws {
        let (fake, chain) = try await stuck()
        fake.primary.goDown()
        _ = try await chain.select(#"{"select":1,"namespace":"waiting"}"#, CallOptions())
        let call = DomainCall("count", arguments: "{}", parts: [.init("a", "{")])
        let error = await #expect(throws: HoldfastError.self) { try await chain.invoke(call, CallOptions()) }
        #expect(error?.code == .invalid)
        try await end(fake, chain)
    }
}
