import HTTPTypes
import Holdfast
import HoldfastModel
import HoldfastSupport
import HoldfastTestSupport
import Testing

@testable import HoldfastHTTP

@Suite("OpenAI's Conversations API") struct OpenAIRoutesTests {
    private static let base = "/v1/conversations"
    private static let key = [("Idempotency-Key", "once")]
    private static let hello = #"{"items":[{"role":"user","content":"hello"}]}"#

    private static func text(_ answer: HTTPAnswer, _ name: String) throws -> String {
        try #require(try JSONNode(answer.body)[name]?.string, "\(answer.text)")
    }

    @Test("a retry answers what is stored, whatever it says of itself")
    func replays() async throws {
        try await TestDaemon.with { test in
            let made = try await test.send("POST", Self.base, Self.key, body: #"{"metadata":{"a":"1"}}"#)
            let again = try await test.send("POST", Self.base, Self.key, body: #"{"metadata":{"a":"2"}}"#)
            #expect(again.text == made.text && again["holdfast-replay"] == "true")
            let items = "\(Self.base)/\(try Self.text(made, "id"))/items"
            let appended = try await test.send("POST", items, Self.key, body: Self.hello)
            let other = Self.hello.replacing("hello", with: "bye")
            #expect(try await test.send("POST", items, Self.key, body: other).text == appended.text)
        }
    }

    @Test("a retry of a removal gets the first answer, and a first one of what is not there is 404")
    func removals() async throws {
        try await TestDaemon.with { test in
            let made = try await test.send("POST", Self.base, body: Self.hello)
            let one = "\(Self.base)/\(try Self.text(made, "id"))"
            let item = try Self.text(try await test.send("GET", "\(one)/items"), "first_id")
            let wrongType = "\(one)/items/\(item.replacing("msg", with: "fc"))"
            #expect(try await test.send("DELETE", wrongType, Self.key).status == 404)
            for target in ["\(one)/items/\(item)", one] {
                let key = [("Idempotency-Key", target)]
                let first = try await test.send("DELETE", target, key)
                let again = try await test.send("DELETE", target, key)
                #expect(first.status == 200 && again.text == first.text)
                #expect(again["holdfast-replay"] == "true")
                let other = try await test.send("DELETE", target, [("Idempotency-Key", "other")])
                #expect(other.status == 404, "\(other.text)")
                #expect(try await test.send("DELETE", target).status == 404)
            }
        }
    }

    @Test(
        "a wrong parameter of a list is named, with the code that OpenAI gives it",
        arguments: [
            ("limit=0", "limit", "integer_below_min_value"),
            ("limit=101", "limit", "integer_above_max_value"),
            ("limit=x", "limit", "invalid_type"), ("order=up", "order", "invalid_value"),
        ])
    func parameters(query: String, name: String, code: String) async throws {
        try await TestDaemon.with { test in
            let answer = try await test.send("GET", "\(Self.base)/conv_0/items?\(query)")
            let error = try #require(try JSONNode(answer.body)["error"])
            #expect(answer.status == 400)
            #expect(error["param"]?.string == name && error["code"]?.string == code)
        }
    }

    @Test("appends and new metadata at once all take place, none is refused")
    func contention() async throws {
        try await TestDaemon.with { test in
            let made = try await test.send("POST", Self.base)
            let one = "\(Self.base)/\(try Self.text(made, "id"))"
            let statuses = try await withThrowingTaskGroup(of: Int.self) { tasks in
                for number in 0..<48 {
                    let (target, body) =
                        number % 2 == 0
                        ? ("\(one)/items", Self.hello) : (one, #"{"metadata":{"n":"\#(number)"}}"#)
                    tasks.addTask { try await test.send("POST", target, body: body).status }
                }
                return try await tasks.reduce(into: Set<Int>()) { $0.insert($1) }
            }
            #expect(statuses == [200])
            #expect(try await test.store.lists("openai-conversations").summaries().first?.itemCount == 24)
        }
    }

    @Test("a client does not try again by itself what may be stored, unless a key makes that safe")
    func retries() throws {
        func header(_ code: HoldfastError.Code, _ flags: HoldfastError.Flags, _ isRepeatable: Bool) -> String?
        {
            let problem = Problem(HoldfastError(code, "x", flags: flags))
            return OpenAIError(problem, isRepeatable: isRepeatable).reply.headers[.shouldRetry]
        }
        for code in [HoldfastError.Code.timeout, .unavailable] {
            #expect(header(code, [.retryable, .maybeApplied], false) == "false")
            #expect(header(code, [.retryable, .maybeApplied], true) == nil)
            #expect(header(code, .retryable, false) == nil)
        }
        #expect(header(.corrupt, [], true) == "false" && header(.unsupported, [], true) == "false")
    }
}
