import HoldfastModel
import Testing

@testable import Holdfast

@Suite("The shapes of messages") struct MessageShapeTests {
    struct Case: CustomTestStringConvertible, Sendable {
        let source: String
        let json: Bytes
        let role: String?
        var calls: [String] = []
        var answers: [String] = []

        var testDescription: String { source }
    }

    static let cases: [Case] = openAI + anthropic + others + own + odd

    static let openAI = [
        Case(source: "OpenAI chat, text", json: #"{"role":"user","content":"hi"}"#, role: "user"),
        Case(
            source: "OpenAI chat, calls",
            json:
                #"{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function"},{"id":"c2"}]}"#,
            role: "assistant", calls: ["c1", "c2"]),
        Case(
            source: "OpenAI chat, answer", json: #"{"role":"tool","tool_call_id":"c1","content":"3"}"#,
            role: "tool", answers: ["c1"]),
        Case(
            source: "OpenAI chat, old function",
            json: #"{"role":"assistant","content":null,"function_call":{"name":"add","arguments":"{}"}}"#,
            role: "assistant", calls: ["add"]),
        Case(
            source: "OpenAI chat, old answer", json: #"{"role":"function","name":"add","content":"3"}"#,
            role: "function", answers: ["add"]),
        Case(
            source: "OpenAI responses, call",
            json: #"{"type":"function_call","id":"fc_1","call_id":"c1","name":"add","arguments":"{}"}"#,
            role: "assistant", calls: ["c1"]),
        Case(
            source: "OpenAI responses, answer",
            json: #"{"type":"function_call_output","call_id":"c1","output":"3"}"#, role: "tool",
            answers: ["c1"]),
        Case(
            source: "OpenAI responses, computer",
            json: #"{"type":"computer_call_output","call_id":"c9","output":{}}"#, role: "tool",
            answers: ["c9"]),
        Case(
            source: "OpenAI responses, a call that answers itself",
            json: #"{"type":"web_search_call","id":"ws_1","status":"completed"}"#, role: "assistant"),
        Case(
            source: "OpenAI responses, approval",
            json: #"{"type":"mcp_approval_response","approval_request_id":"m1","approve":true}"#,
            role: "tool", answers: ["m1"]),
        Case(
            source: "OpenAI agents in TypeScript",
            json: #"{"type":"function_call_result","callId":"c1","output":{"type":"text","text":"3"}}"#,
            role: "tool", answers: ["c1"]),
    ]

    static let anthropic = [
        Case(
            source: "Anthropic, call",
            json: """
                {"role":"assistant","content":[{"type":"text","text":"x"},{"type":"tool_use","id":"toolu_1"}]}
                """, role: "assistant", calls: ["toolu_1"]),
        Case(
            source: "Anthropic, answer",
            json: #"{"role":"user","content":[{"type":"tool_result","tool_use_id":"toolu_1"}]}"#,
            role: "user", answers: ["toolu_1"]),
        Case(
            source: "Anthropic, a tool of the server",
            json: """
                {"role":"assistant","content":[{"type":"server_tool_use","id":"s1"},\
                {"type":"web_search_tool_result","tool_use_id":"s1"}]}
                """, role: "assistant", calls: ["s1"], answers: ["s1"]),
        Case(
            source: "Bedrock, call",
            json: #"{"role":"assistant","content":[{"text":"x"},{"toolUse":{"toolUseId":"t1"}}]}"#,
            role: "assistant", calls: ["t1"]),
        Case(
            source: "Bedrock, answer",
            json: #"{"role":"user","content":[{"toolResult":{"toolUseId":"t1","status":"success"}}]}"#,
            role: "user", answers: ["t1"]),
    ]

    static let others = [
        Case(
            source: "Gemini, call", json: #"{"role":"model","parts":[{"functionCall":{"name":"add"}}]}"#,
            role: "model", calls: ["add"]),
        Case(
            source: "Gemini, answer",
            json: #"{"role":"user","parts":[{"functionResponse":{"id":"g1","name":"add"}}]}"#, role: "user",
            answers: ["g1"]),
        Case(
            source: "LangChain, in its envelope",
            json: #"{"type":"ai","data":{"content":"","tool_calls":[{"id":"l1","name":"add"}]}}"#,
            role: "assistant", calls: ["l1"]),
        Case(
            source: "LangChain, bare", json: #"{"type":"tool","content":"3","tool_call_id":"l1"}"#,
            role: "tool", answers: ["l1"]),
        Case(source: "LangChain, human", json: #"{"type":"human","content":"hi"}"#, role: "user"),
        Case(
            source: "Vercel, call",
            json: #"{"role":"assistant","content":[{"type":"tool-call","toolCallId":"v1"}]}"#,
            role: "assistant", calls: ["v1"]),
        Case(
            source: "Vercel, answer",
            json: #"{"role":"tool","content":[{"type":"tool-result","toolCallId":"v1"}]}"#, role: "tool",
            answers: ["v1"]),
    ]

    /// The five systems.
    static let own = [
        Case(
            source: "Cipher, call",
            json: #"{"role":"assistant","content":null,"toolCalls":[{"id":"call_9","type":"function"}]}"#,
            role: "assistant", calls: ["call_9"]),
        Case(
            source: "Cipher, answer", json: #"{"role":"tool","toolCallId":"call_9","content":"{}"}"#,
            role: "tool", answers: ["call_9"]),
        Case(
            source: "simple_acp",
            json: #"{"role":"agent/summarizer","parts":[{"content_type":"text/plain"}]}"#,
            role: "agent/summarizer"),
        Case(
            source: "Kode",
            json: """
                {"role":"assistant","content":[{"type":"reasoning","reasoning":"…"},\
                {"type":"tool_use","id":"toolu_01A","name":"fs_read","input":{}}],"metadata":{}}
                """, role: "assistant", calls: ["toolu_01A"]),
        Case(
            source: "slack-agents, a tool and its answer in one block",
            json: #"{"block_type":"tool_use","content":{"tool_call_id":"t","tool_output":"[]"}}"#,
            role: "assistant"),
        Case(
            source: "slack-agents, user", json: #"{"block_type":"user_text","content":{"text":"hi"}}"#,
            role: "user"),
    ]

    static let odd = [
        Case(source: "no JSON", json: "hello", role: nil),
        Case(source: "an array", json: "[1]", role: nil),
        Case(source: "nothing known", json: #"{"x":1}"#, role: nil),
        Case(source: "a role that is no text", json: #"{"role":7,"content":"x"}"#, role: nil),
        Case(source: "content null", json: #"{"role":"user","content":null}"#, role: "user"),
        Case(
            source: "an answer without an id", json: #"{"role":"tool","content":"3"}"#, role: "tool",
            answers: [""]),
        Case(
            source: "a call that is written twice",
            json: """
                {"role":"assistant","tool_calls":[{"id":"c1"}],\
                "content":[{"type":"tool_call","id":"c1"}]}
                """, role: "assistant", calls: ["c1"]),
    ]

    @Test("role, calls and answers are found in the messages of every system", arguments: cases)
    func shape(_ item: Case) {
        let shape = MessageShape(item.json)
        #expect(shape.role == item.role)
        #expect(shape.calls == item.calls)
        #expect(shape.answers == item.answers)
    }

    /// `a1` calls 1, `r1` answers it, `t` is text.
    private func start(_ history: String, keeping count: Int) -> Int {
        let shapes = history.split(separator: " ").map { word in
            let id = word.dropFirst()
            let json =
                switch word.first {
                case "a":
                    "{\"role\":\"assistant\",\"tool_calls\":["
                        + id.map { "{\"id\":\"\($0)\"}" }.joined(separator: ",") + "]}"
                case "r": #"{"role":"tool","tool_call_id":"\#(id)"}"#
                case "n": #"{"role":"tool"}"#
                default: #"{"role":"user","content":"x"}"#
                }
            return MessageShape(Bytes(json))
        }
        return ToolPairs(shapes).safeStart(from: max(0, shapes.count - count))
    }

    @Test("a history is never cut between a call and its answer")
    func safeStart() {
        #expect(start("t a1 r1 t t", keeping: 5) == 0)
        #expect(start("t a1 r1 t t", keeping: 4) == 1)
        #expect(start("t a1 r1 t t", keeping: 3) == 3)
        #expect(start("t a1 r1 t t", keeping: 2) == 3)
        #expect(start("t a12 r1 r2 t", keeping: 2) == 4)
        #expect(start("t a12 r1 t r2 t", keeping: 4) == 5)
        #expect(start("t t t", keeping: 0) == 3)
    }

    @Test("where everything would go, the calls stay")
    func wholeTail() {
        #expect(start("t a1 r1", keeping: 1) == 1)
        #expect(start("t a123 r1 r2 r3", keeping: 2) == 1)
        #expect(start("t a1 a2 r1 r2", keeping: 1) == 1)
    }

    @Test("an answer without a call, or without an id, stands for itself or belongs to the latest call")
    func orphans() {
        #expect(start("t r9 t t", keeping: 3) == 1)
        #expect(start("t a1 n t", keeping: 2) == 3)
    }

    @Test("an id that is used again belongs to the latest call")
    func reusedID() {
        #expect(start("a1 r1 a1 r1", keeping: 2) == 2)
    }
}
