import HoldfastModel
import Testing

@testable import Holdfast

@Suite("Merging messages") struct MessageMergeTests {
    @Test(
        "contents follow each other, and every other byte stays",
        arguments: [
            (
                #"{ "role":"user", "content":"a" ,"n":1.0}"#, #"{"content":"b","role":"user"}"#,
                #"{ "role":"user", "content":"a\n\nb" ,"n":1.0}"#
            ),
            (
                #"{"role":"user","content":[{"type":"text","text":"a"}]}"#,
                #"{"role":"user","content":[ {"type":"image"} ]}"#,
                #"{"role":"user","content":[{"type":"text","text":"a"},{"type":"image"}]}"#
            ),
            (
                #"{"role":"user","content":"a\ud83d"}"#,
                #"{"role":"user","content":[{"type":"input_text","text":"b"}]}"#,
                #"{"role":"user","content":[{"type":"input_text","text":"a\ud83d"},{"type":"input_text","text":"b"}]}"#
            ),
            (
                #"{"role":"user","content":[{"text":"a"}]}"#, #"{"role":"user","content":"b"}"#,
                #"{"role":"user","content":[{"text":"a"},{"text":"b"}]}"#
            ),
            (
                #"{"role":"user","parts":[{"text":"a"}]}"#, #"{"role":"user","parts":[{"text":"b"}]}"#,
                #"{"role":"user","parts":[{"text":"a"},{"text":"b"}]}"#
            ),
        ] as [(Bytes, Bytes, Bytes)])
    func merged(first: Bytes, second: Bytes, both: Bytes) {
        #expect(MessageMerge.merged(first, second) == both)
    }

    @Test(
        "what would lose a part of the second message is not merged",
        arguments: [
            (#"{"role":"user","content":"a"}"#, #"{"role":"user","content":"b","name":"eve"}"#),
            (#"{"role":"user","content":"a","name":"bob"}"#, #"{"role":"user","content":"b","name":"eve"}"#),
            (#"{"role":"user","content":"a"}"#, #"{"role":"user","content":null}"#),
            (#"{"role":"user","content":"a"}"#, #"{"role":"user","content":[{"x":1}]}"#),
            (#"{"role":"user","content":"a"}"#, #"{"role":"user","parts":[]}"#),
            ("1", "2"), ("hello", #"{"role":"user","content":"b"}"#),
        ] as [(Bytes, Bytes)])
    func notMerged(first: Bytes, second: Bytes) {
        #expect(MessageMerge.merged(first, second) == nil)
    }

    @Test("the agent's name goes in front of the first text of an assistant, and nowhere else")
    func attribution() {
        func attributed(_ json: Bytes, _ agent: String = "a") -> Bytes {
            Attribution.attributed(json, to: agent)
        }
        #expect(
            attributed(#"{"role":"assistant","content":"x"}"#) == #"{"role":"assistant","content":"[a] x"}"#)
        let blocks: Bytes =
            #"{"content":[{"toolUse":{"toolUseId":"t"}},{"text":"x"},{"text":"y"}],"role":"assistant"}"#
        #expect(
            attributed(blocks)
                == #"{"content":[{"toolUse":{"toolUseId":"t"}},{"text":"[a] x"},{"text":"y"}],"role":"assistant"}"#
        )
        let call: Bytes = #"{"role":"assistant","content":[{"toolUse":{"toolUseId":"t"}}]}"#
        #expect(attributed(call) == call)
        let user: Bytes = #"{"role":"user","content":"x"}"#
        #expect(attributed(user) == user)
        #expect(
            attributed(#"{"role":"assistant","content":""}"#, #"q"\#u{1}"#)
                == #"{"role":"assistant","content":"[q\"\u0001] "}"#)
    }
}
