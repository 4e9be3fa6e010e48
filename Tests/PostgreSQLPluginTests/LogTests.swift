import HoldfastConformance
import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite(
    "PostgreSQL as a log", .serialized, .enabled(if: PostgresServer.isThere, "PostgreSQL is not installed")
)
struct LogTests {
    private static let seed = UInt64.random(in: .min ... .max)

    @Test("keeps the contract", arguments: LogCase.all)
    func contract(logCase: LogCase) async throws {
        let subject = LogSubject { () async throws(HoldfastError) in
            do {
                return try PostgresSubject.logProvider()
            } catch {
                throw HoldfastError(.unavailable, "\(error)")
            }
        }
        let outcome = await logCase.run(on: subject, seed: Self.seed)
        #expect(!outcome.isFailure, "\(outcome)")
    }

    @Test("a log that is open belongs to its process, and the second is told whose it is")
    func oneHolder() async throws {
        let prefix = PostgresSubject.freshPrefix()
        let log = try await PostgresSubject.logProvider(prefix: prefix).open(.unbounded)
        let second = try PostgresSubject.logProvider(prefix: prefix)
        let error = await #expect(throws: HoldfastError.self) { try await second.open(.unbounded) }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("is held by process ") == true)
        await log.close()
        let later = try await second.open(.unbounded)
        await later.close()
    }

    @Test("a log goes on where it was after the server was killed")
    func killed() async throws {
        let server = try PostgresServer()
        let provider = try PostgresSubject.logProvider(prefix: "l_", server: server)
        let log = try await provider.open(.unbounded)
        #expect(try await log.append(["one", "two"], .unbounded) == 1)
        server.kill()
        let error = await #expect(throws: HoldfastError.self) { try await log.append(["lost"], .unbounded) }
        #expect(error?.flags.contains(.providerDead) == true)
        await log.close()
        try server.start()
        let again = try await provider.open(.unbounded)
        #expect(try await again.append(["three"], .unbounded) == 3)
        let records = try await again.read(from: 1, byteCountMax: 1 << 20, .unbounded)
        #expect(records.map(\.payload) == ["one", "two", "three"])
        await again.close()
    }
}
