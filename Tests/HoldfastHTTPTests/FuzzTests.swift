import Glibc
import Holdfast
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("Malformed requests") struct FuzzTests {
    private static let count = getenv("HOLDFAST_FUZZ_REQUESTS").flatMap { Int(String(cString: $0)) } ?? 400
    private static let seed =
        getenv("HOLDFAST_FUZZ_SEED").flatMap { UInt64(String(cString: $0)) } ?? .random(in: 0...UInt64.max)

    /// What is refused by design, not by accident.
    private static let allowed: Set<Int> = [501, 503, 504, 507]

    @Test("random requests are answered or refused, never with a defect, and the daemon goes on")
    func fuzz() async throws {
        print("fuzz: \(Self.count) requests, HOLDFAST_FUZZ_SEED=\(Self.seed)")
        var settings = ServerSettings()
        settings.readTimeout = .seconds(60)
        settings.requestTimeout = .seconds(2)
        try await TestDaemon.with(settings: settings) { test in
            var fuzzer = RequestFuzzer(seed: Self.seed)
            var statuses: [Int: Int] = [:]
            var early = 0
            for number in 0..<Self.count {
                let (bytes, isHTTP) = fuzzer.next()
                let status = try await Self.status(of: bytes, at: test.address)
                #expect(
                    (status ?? 400) < 500 || Self.allowed.contains(status ?? 0),
                    "request \(number) of seed \(Self.seed): \(String(decoding: bytes.prefix(500), as: UTF8.self))"
                )
                #expect(
                    !isHTTP || status != nil,
                    "no answer to request \(number) of seed \(Self.seed): \(String(decoding: bytes.prefix(500), as: UTF8.self))"
                )
                statuses[status ?? 0, default: 0] += 1
                if number == Self.count / 4 { early = Self.residentByteCount }
            }
            let answer = try await test.send("GET", "/openapi.json")
            #expect(answer.status == 200)
            let table = statuses.sorted { $0.key < $1.key }.map {
                "\($0.key == 0 ? "closed" : "\($0.key)") \($0.value)"
            }
            print(
                "fuzz: \(table.joined(separator: ", ")); resident \(early >> 20) MiB after a quarter, \(Self.residentByteCount >> 20) MiB at the end"
            )
            #expect(Self.count < 10_000 || Self.residentByteCount < early + 64 << 20)
        }
    }

    /// The status of the answer; nothing where the daemon closed the connection.
    private static func status(of bytes: [UInt8], at address: ListenAddress) async throws -> Int? {
        try await HTTPConnection.with(address) { connection in
            do {
                try await connection.send(bytes)
                // No more comes: what is torn must be refused, not waited for.
                try await connection.finish()
                while let answer = try await connection.receive(
                    isHead: bytes.starts(with: Array("HEAD".utf8)))
                {
                    if answer.status >= 200 { return answer.status }
                }
            } catch is TestSupportError {
                return nil
            } catch {
                return nil
            }
            return nil
        }
    }

    /// What the process has in memory.
    private static var residentByteCount: Int {
        guard let file = fopen("/proc/self/statm", "r") else { return 0 }
        defer { fclose(file) }
        var pages = (0, 0)
        let count = withUnsafeMutablePointer(to: &pages.0) { size in
            withUnsafeMutablePointer(to: &pages.1) { resident in
                withVaList([size, resident]) { vfscanf(file, "%ld %ld", $0) }
            }
        }
        return count == 2 ? pages.1 * Int(getpagesize()) : 0
    }
}
