import HoldfastModel
import HoldfastPlugins
import HoldfastTestSupport
import Testing

@Suite("A server that is no Redis, or a strange one")
struct HostileTests {
    private static func failure(_ fake: FakeRedis) async throws -> HoldfastError? {
        await #expect(throws: HoldfastError.self) {
            _ = try await RedisSubject.provider(options: #"{"url": "\#(fake.url)"}"#).connect(.unbounded)
        }
    }

    @Test(
        "whatever is answered to a greeting, opening fails with a reason and nothing worse",
        arguments: [
            "HTTP/1.1 400 Bad Request\r\n\r\n", "+OK\r\n", ":1\r\n", "$-1\r\n", "*-1\r\n", "*0\r\n",
            "$5\r\nhello\r\n", "$99999999999999999999\r\n", "*2147483647\r\n", "$-7\r\n", "*-7\r\n",
            "*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n*1\r\n", "%3\r\n", "\u{0}\u{0}\u{0}",
            "-\r\n", "-ERR\r\n", "-MOVED 1 127.0.0.1:1\r\n", ":abc\r\n", "$3\r\nabcdefgh\r\n",
        ])
    func greeting(answer: String) async throws {
        let fake = try FakeRedis { _, _ in .sendAndClose(answer + answer + answer) }
        let error = try await Self.failure(fake)
        #expect(error?.message.isEmpty == false)
        #expect(error?.flags.contains(.maybeApplied) == false)
    }

    @Test(
        "whatever is answered to a script, the call fails and says that it may have been applied",
        arguments: [
            "+OK\r\n", ":1\r\n", "$-1\r\n", "*0\r\n", "$17\r\nAAAAAAAAAAAAAAAAA\r\n", "garbage\r\n", "",
        ])
    func script(answer: String) async throws {
        // The first script makes the content known, the second is the batch.
        let fake = try FakeRedis { command, number in
            switch command {
            case "INFO": return .send(FakeRedis.info)
            case "SCRIPT": return .send("$40\r\n\(String(repeating: "a", count: 40))\r\n")
            case "CONFIG": return .send("*0\r\n")
            case "EVALSHA" where number < 10: return .send("*2\r\n$1\r\n1\r\n$8\r\nidentity\r\n")
            case "EVALSHA": return .sendAndClose(answer)
            default: return .send("+OK\r\n")
            }
        }
        let provider = try RedisSubject.provider(
            options: #"{"url": "\#(fake.url)"}"#, host: RedisSubject.frozenHost)
        let store = try await provider.connect(.unbounded)
        let clock = TestClock()
        let changes = [FailureTests.item(clock.next()), FailureTests.item(clock.next())]
        let error = await #expect(throws: HoldfastError.self) {
            try await store.apply(changes, atomic: true, .unbounded)
        }
        #expect(error?.flags.contains(.maybeApplied) == true, "\(String(describing: error))")
        #expect(error?.flags.contains(.providerDead) == true)
        await store.close()
    }

    @Test(
        "an error of the server is told as what it is",
        arguments: [
            ("LOADING Redis is loading the dataset in memory", HoldfastError.Code.unavailable, true),
            ("READONLY You can't write against a read only replica.", .unavailable, true),
            ("MASTERDOWN Link with MASTER is down", .unavailable, true),
            ("OOM command not allowed when used memory > 'maxmemory'.", .exhausted, false),
            (
                "ERR Error running script (call to f_1): @user_script:1: -OOM command not allowed",
                .exhausted, false
            ),
            ("BUSY Redis is busy running a script.", .unavailable, false),
            ("MISCONF Redis is configured to save RDB snapshots", .unavailable, false),
            ("NOREPLICAS Not enough good replicas to write.", .unavailable, false),
            ("NOAUTH Authentication required.", .permission, true),
            ("WRONGPASS invalid username-password pair", .permission, false),
            ("NOPERM this user has no permissions", .permission, false),
            ("MOVED 3999 127.0.0.1:6381", .unsupported, false),
            ("ASK 3999 127.0.0.1:6381", .unsupported, false),
            ("CLUSTERDOWN Hash slot not served", .unsupported, false),
            ("ERR max number of clients reached", .exhausted, true),
            ("ERR unknown command 'EVALSHA', with args beginning with: 'geheim'", .unsupported, false),
            ("WRONGTYPE Operation against a key", .corrupt, false), ("HFGONE", .unavailable, true),
            ("something else", .internal, false),
        ])
    func errors(text: String, code: HoldfastError.Code, isDead: Bool) async throws {
        let fake = try FakeRedis(onScript: .send("-\(text)\r\n"))
        let error = try await Self.failure(fake)
        #expect(error?.code == code)
        #expect(error?.flags.contains(.providerDead) == isDead)
        #expect(error?.message.contains("geheim") == false)
    }

    @Test("a server that reads its data from the disk is a matter of waiting")
    func loading() async throws {
        let text = "run_id:0123\r\nrole:master\r\nloading:1\r\n"
        let fake = try FakeRedis { command, _ in
            command == "INFO"
                ? .send("$\(text.utf8.count)\r\n\(text)\r\n") : .send("-LOADING Redis is loading\r\n")
        }
        let error = try await Self.failure(fake)
        #expect(error?.code == .unavailable)
        #expect(error?.flags.contains(.retryable) == true)
        #expect(error?.retryAfter != nil)
    }
}
